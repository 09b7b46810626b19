/** A form is about a server, about what a vault protects, or about files; which of them follows from its way of restoring. */
import { earlyProblems, sentenceInputs, withDefaults } from './server-form';
import { formFacts, type FormFacts } from './form-facts';
import {
  earlyVaultProblems,
  sayVaultForm,
  vaultFormFacts,
  withVaultDefaults,
  type VaultFormFacts,
} from './vault-form';
import {
  earlyTargetProblems,
  loadFormFacts,
  sayLoadForm,
  withLoadDefaults,
  type LoadFormFacts,
} from './load-form';
import { isVaultMode } from './restore/plan';
import { modeOf } from './restore/judge-moment';
import { sayForm } from './saying-form';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { FormInputs } from './restore/form-inputs';
import type { FormMessage } from './restore/messages';
import type { Problem } from './restore/errors';

/** What is known for a form now. */
export type KnownForm =
  | { readonly about: 'server'; readonly facts: FormFacts }
  | { readonly about: 'vault'; readonly facts: VaultFormFacts }
  | { readonly about: 'files'; readonly facts: LoadFormFacts };

export async function readForm(deps: Deps, inputs: FormInputs): Promise<KnownForm> {
  const mode = modeOf(inputs);
  if (mode === 'files-to-server') return { about: 'files', facts: await loadFormFacts(deps, inputs) };
  return isVaultMode(mode)
    ? { about: 'vault', facts: await vaultFormFacts(deps, inputs) }
    : { about: 'server', facts: await formFacts(deps, inputs) };
}

/** What a sentence left open and only somebody who knows the servers can fill in. */
export const completeSentence = (inputs: FormInputs, known: KnownForm): FormInputs =>
  known.about === 'server' ? sentenceInputs(inputs, known.facts) : inputs;

/** `mark` is the same for one form and no other. */
export function completed(deps: Deps, inputs: FormInputs, known: KnownForm, mark: string): FormInputs {
  switch (known.about) {
    case 'vault':
      return withVaultDefaults(deps, inputs, known.facts, mark);
    case 'files':
      return withLoadDefaults(inputs);
    case 'server':
      return withDefaults(deps, inputs, known.facts);
  }
}

/**
 * Another recovery point took the old beginning of the file names with it. Whoever submits at the same moment has not seen
 * the new one yet, but is not sent back for something that the form fills in by itself.
 */
export async function withNewPrefix(
  deps: Deps,
  typed: FormInputs,
  carried: FormInputs,
  mark: string,
): Promise<FormInputs> {
  if (!isVaultMode(modeOf(carried)) || carried.prefix !== '' || typed.prefix === '') return carried;
  const { prefix } = completed(deps, carried, await readForm(deps, carried), mark);
  return { ...carried, prefix };
}

export function earlyFormProblems(deps: Deps, inputs: FormInputs, known: KnownForm): Problem[] {
  switch (known.about) {
    case 'vault':
      return earlyVaultProblems(deps, inputs, known.facts);
    case 'files':
      return earlyTargetProblems(deps, inputs, known.facts.match);
    case 'server':
      return earlyProblems(deps, inputs, known.facts);
  }
}

/** Without `known` as a form that is not open any more. */
export function sayAnyForm(deps: Deps, draft: Draft, known?: KnownForm): FormMessage {
  const mode = modeOf(draft.inputs);
  if (mode === 'files-to-server')
    return sayLoadForm(deps, draft, known?.about === 'files' ? known.facts : undefined);
  if (isVaultMode(mode)) return sayVaultForm(deps, draft, known?.about === 'vault' ? known.facts : undefined);
  return sayForm(deps, draft, known?.about === 'server' ? known.facts : undefined);
}
