/** Who counts as whom in a sealed rule, and how far its stages are filled. */
import {
  accountsOf,
  appliersOf,
  approversOf,
  belongsToOne,
  currentStage,
  isSamePerson,
  neededOf,
  partiesOf,
} from '../../../services/restore/sealed-rule';
import { aRule, aStage, asUser, divya, emil, ines, martin, person, standingOf } from '../../fakes/facts';

const second = person(8, 'Second account');
const third = person(9, 'Third account');
const aliases = [
  [martin.aadObjectId, second.aadObjectId],
  [third.aadObjectId, martin.aadObjectId],
];

test('all accounts of one person are one, in any spelling; others are not', () => {
  const all = [martin, second, third].map(({ aadObjectId }) => aadObjectId);
  expect(accountsOf(aliases, martin.aadObjectId.toUpperCase())).toEqual(all);
  expect(accountsOf(aliases, divya.aadObjectId)).toEqual([divya.aadObjectId]);
  expect(isSamePerson(aliases, martin, { ...third, aadObjectId: third.aadObjectId.toUpperCase() })).toBe(
    true,
  );
  expect(isSamePerson(aliases, martin, martin)).toBe(true);
  expect(isSamePerson(aliases, martin, divya)).toBe(false);
});

test('stages are filled in their order, and the one that is asked tells how many are missing', () => {
  const rule = aRule({ stages: [aStage([martin, emil], 2, 'first'), aStage([divya], 1, 'then')] });
  const at = (count: number) => {
    const current = currentStage(rule, Array.from({ length: count }));
    return current && [current.stage.name, current.missing];
  };
  expect([0, 1, 2, 3, 4].map(at)).toEqual([['first', 2], ['first', 1], ['then', 1], undefined, undefined]);
  expect(neededOf(rule)).toBe(3);
});

test('everybody who was asked in some stage is one of the approvers, once', () => {
  const rule = aRule({ stages: [aStage([martin, divya]), aStage([divya, emil])] });
  expect(approversOf(rule)).toEqual([martin, divya, emil]);
});

test('who approves may apply, unless others are named for it', () => {
  const rule = aRule({ stages: [aStage([martin]), aStage([divya])] });
  expect(appliersOf(rule)).toEqual({ parties: [asUser(martin), asUser(divya)], people: [martin, divya] });
  const apply = { parties: [asUser(emil)], people: [emil] };
  expect(appliersOf({ ...rule, apply })).toEqual(apply);
});

test('a decision is looked up for the parties of stages, escalation and emergency, each once', () => {
  const escalation = { afterMinutes: 1, parties: [asUser(divya), asUser(emil)], people: [] };
  const breakGlass = {
    ...{ parties: [asUser(emil), asUser(ines)], people: [] },
    ...{ atMost: { times: 1, hours: 1 }, reviewWithinMinutes: 1 },
  };
  const rule = aRule({ stages: [aStage([martin]), aStage([martin, divya])] });
  expect(partiesOf(rule)).toEqual([asUser(martin), asUser(divya)]);
  expect(partiesOf({ ...rule, escalation, breakGlass })).toEqual([martin, divya, emil, ines].map(asUser));
});

test('one of the parties is enough to belong', () => {
  expect(belongsToOne(standingOf(martin), [asUser(divya), asUser(martin)])).toBe(true);
  expect(belongsToOne(standingOf(martin), [asUser(divya)])).toBe(false);
  expect(belongsToOne(standingOf(martin), [])).toBe(false);
});
