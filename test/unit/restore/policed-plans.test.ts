/** The rule of a plan follows what is asked and where it goes, when it was asked and whether something is frozen. */
import {
  askAbout,
  destinationsOf,
  subjectOf,
  subjectsOf,
} from '../../../services/restore/policy-destination';
import { askedPlace } from '../../../services/restore/asked-place';
import { makePlan, type Wish } from '../../../services/restore/make-plan';
import { makeVaultPlan } from '../../../services/restore/make-vault-plan';
import { aPlace, aRegion, aServer, ines, now, policyOf, ruleDocument, someInputs } from '../../fakes/facts';
import { aVaultFacts, vaultInputs } from '../../fakes/vault-facts';
import type { FormInputs } from '../../../services/restore/form-inputs';
import type { Plan } from '../../../services/restore/plan';
import type { Policy } from '../../../services/restore/policy-schema';

const orders = aServer('orders-pg');
const away = { resourceGroup: 'rg-dr' };
const policy = policyOf([
  ruleDocument(),
  ruleDocument({ name: 'away', match: { server: 'orders-*', to: away }, needed: 2 }),
  ruleDocument({ name: 'abroad', match: { server: 'orders-*', regionChange: true }, needed: 2 }),
]);

function judge(inputs: Partial<FormInputs>, by: Policy = policy, wish: Partial<Wish> = {}, at = now) {
  const asked = someInputs(inputs);
  const source = { kind: 'live', server: orders } as const;
  const pair = { location: 'canadaeast', knownFrom: 'azure' } as const;
  const place = askedPlace(asked, source, asked.mode === 'geo' ? pair : undefined);
  const group = { ...orders, name: place.resourceGroup };
  const facts = {
    source: { kind: 'one', server: source },
    ...{ backups: [], now: at },
    place: aPlace({ asked: place, resourceGroup: group, pair, region: aRegion(place.location) }),
  } as const;
  return makePlan({ inputs: asked, requester: ines, ...wish }, facts, by);
}

const planned = (...args: Parameters<typeof judge>) => {
  const result = judge(...args);
  if (result.kind !== 'plan') throw new Error(result.problems.map(({ sentence }) => sentence).join());
  return result;
};
const codes = (...args: Parameters<typeof judge>) => {
  const result = judge(...args);
  return result.kind === 'plan' ? [] : result.problems.map(({ code }) => code);
};

test('another place has another rule, and the card says who gains access there', () => {
  expect(planned({}).rule.name).toBe('orders');
  expect(planned({}).shown.warnings).toBeUndefined();
  const { rule, plan, shown } = planned(away);
  expect([rule.name, plan.policy.rule]).toEqual(['away', 'away']);
  expect(shown.warnings).toEqual([
    'Whoever has rights on rg-dr can reach this copy; the source lies in rg-shop.',
  ]);
  expect(planned({ mode: 'geo', moment: '' }).rule.name).toBe('abroad');
});

test('a place without a rule is refused, and no plan comes of it', () => {
  const here = policyOf([ruleDocument({ match: { server: 'orders-*', to: { resourceGroup: 'rg-shop' } } })]);
  expect(codes({}, here)).toEqual([]);
  expect(codes(away, here)).toEqual(['PLACE_NOT_COVERED']);
});

describe('judged again', () => {
  const office = { zone: 'UTC', from: '08:00', to: '18:00' };
  const hours = policyOf([
    ruleDocument({ match: { hours: office } }),
    ruleDocument({ name: 'night', match: {}, needed: 1, stages: undefined }),
  ]);
  const onlyOffice = policyOf([ruleDocument({ match: { hours: office } })]);
  const night = '2026-11-19T20:00:00.000Z';

  test('the hours are those of the asking: the same rule is found from the same facts', () => {
    const first = planned({}, hours);
    expect(first.rule.name).toBe('orders');
    const { askedAt } = first.shown;
    expect(askedAt).toBe(now);
    expect(codes({}, onlyOffice, {}, night)).toEqual(['PLACE_NOT_COVERED']);
    expect(planned({}, onlyOffice, { askedAt: now }, night).plan).toEqual(planned({}, onlyOffice).plan);
  });

  test('a freeze is judged by now, and held up by it is only what nobody broke the glass for', () => {
    const freezes = [{ name: 'Evening', from: '2026-11-19T19:00:00Z', to: '2026-11-20T06:00:00Z' }];
    const frozen = policyOf([ruleDocument()], { freezes });
    expect(codes({}, frozen)).toEqual([]);
    expect(codes({}, frozen, { askedAt: now }, night)).toEqual(['FROZEN']);
    expect(codes({}, frozen, { askedAt: now, overFreezes: true }, night)).toEqual([]);
  });
});

test('who may apply is a rule of its own where the policy has one, and nobody where it has none', () => {
  const applying = ruleDocument({ name: 'applying', match: { actions: ['apply'] }, needed: 2 });
  const restores = ruleDocument({ match: { actions: ['restore'] } });
  expect(planned({}, policyOf([restores, applying])).applyRule).toMatchObject({ name: 'applying' });
  expect(planned({}, policyOf([restores])).applyRule).toBe('none');
  expect(planned({})).toMatchObject({ applyRule: { name: 'orders' } });
});

describe('a vault', () => {
  const asking = (rules: readonly unknown[], inputs: Partial<FormInputs> = {}) => {
    const wanted = vaultInputs(inputs);
    return makeVaultPlan({ inputs: wanted, requester: ines }, aVaultFacts(wanted), policyOf(rules));
  };
  const files = ruleDocument({ name: 'files', match: { to: { container: '*/restores' } }, needed: 2 });

  test('puts files into a container, which is a place like any other', () => {
    const result = asking([ruleDocument(), files]);
    expect(result).toMatchObject({ kind: 'plan', rule: { name: 'files' } });
    expect(result.kind === 'plan' && result.shown.warnings).toEqual([
      expect.stringMatching(
        /^Whoever may read the container \w+\/restores can read the data of orders-pg there\.$/,
      ),
    ]);
    const elsewhere = ruleDocument({ match: { server: 'orders-*', to: { server: '*' } } });
    expect(asking([elsewhere])).toMatchObject({ kind: 'refused', problems: [{ code: 'PLACE_NOT_COVERED' }] });
  });

  test('whose account is not there tells that, and not that the place has no rule', () => {
    const wanted = vaultInputs({ container: 'nobody/restores' });
    const facts = aVaultFacts(wanted, { files: { isPrefixUsed: false, roles: [] } });
    const result = makeVaultPlan({ inputs: wanted, requester: ines }, facts, policyOf([files]));
    expect(result.kind === 'refused' && result.problems.map(({ code }) => code)).toEqual(['ACCOUNT_UNKNOWN']);
  });

  test('a plan that is there is asked about as it was when it was made', () => {
    const result = asking([ruleDocument()]);
    const plan = result.kind === 'plan' ? result.plan : undefined;
    expect(plan && askAbout(plan, 'extend', now)).toMatchObject({
      ...{ action: 'extend', mode: 'vault-files', regionChange: false },
      to: [{ kind: 'container', container: expect.stringMatching(/\/restores$/) }],
    });
  });
});

test('what is known of a plan later is what it was judged by', () => {
  const { plan } = planned(away);
  expect(destinationsOf(plan)).toEqual([
    {
      ...{ kind: 'server', subscriptionId: orders.subscriptionId, resourceGroup: 'rg-dr' },
      ...{ region: 'canadacentral', server: 'orders-pg-r1', network: 'public' },
    },
  ]);
  expect(subjectOf(plan, orders)).toEqual({
    ...{ name: 'orders-pg', resourceGroup: 'rg-shop', subscriptionId: orders.subscriptionId },
    ...{ tags: {}, network: { kind: 'public' } },
  });
  expect(askAbout(planned({ mode: 'geo', moment: '' }).plan, 'restore', now).regionChange).toBe(true);
  const server = { ...orders, name: 'other-pg' };
  const load = { server, databases: [], choices: {}, extras: [] };
  const chain = {
    ...plan,
    mode: 'vault-to-server',
    target: { ...plan.target, account: 'a', container: 'c' },
    load,
  };
  expect(subjectsOf(chain as unknown as Plan, now)).toMatchObject([
    { ask: { to: [{ container: 'a/c' }, { server: 'other-pg' }] } },
    { subject: { name: 'other-pg' }, ask: { mode: 'files-to-server', to: [{ server: 'other-pg' }] } },
  ]);
});
