/** How a decision came out: recorded, or refused with the reason and, where there is one, the request it was about. */
import type { Problem } from './restore/errors';
import type { RestoreRequest } from './restore/request';

export type Decided =
  | { readonly kind: 'done'; readonly request: RestoreRequest }
  | { readonly kind: 'refused'; readonly because: Problem; readonly request?: RestoreRequest };
