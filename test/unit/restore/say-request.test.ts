/** What a request's cards are told of it, beyond what they look like. */
import { reviewOf } from '../../../services/restore/review';
import { sayRequest } from '../../../services/restore/say-request';
import { aRequest, emil, martin, now } from '../../fakes/facts';

test('who may start it without approval is told of, but not while a look is owed for such a start of it before', () => {
  const { rule } = aRequest();
  const atMost = { times: 1, hours: 24 };
  const breakGlass = { parties: [], people: [emil], atMost, reviewWithinMinutes: 60 };
  const open = aRequest({ rule: { ...rule, breakGlass } });
  const glass = { by: emil, at: now, reason: 'it burns' };
  const owed = reviewOf(glass, breakGlass.reviewWithinMinutes);
  const { by, at, reason, dueAt } = owed;
  const given = { ...{ by, at, reason, dueAt }, kind: 'approved', reviewedBy: martin } as const;
  const told = (request: typeof open) => sayRequest(request, 'approval', { kind: 'none' }).mayBreakGlass;
  expect(told(open)).toEqual([emil]);
  expect(told({ ...open, review: owed })).toBeUndefined();
  expect(told({ ...open, review: { ...given, reviewedAt: now, comment: '' } })).toEqual([emil]);
});
