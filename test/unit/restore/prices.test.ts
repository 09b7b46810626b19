/** What a new server costs, by the owner's list. */
import { costOf, costWords, pricesSchema } from '../../../services/restore/prices';

const prices = pricesSchema.parse({
  currency: 'USD',
  perHour: { Standard_D2ds_v5: 0.4 },
  storagePerGbMonth: 0.73,
});

test('an hour of compute and of storage, and both until the copy expires', () => {
  const cost = costOf(prices, 'Standard_D2ds_v5', 60);
  expect(cost).toEqual({ currency: 'USD', perHour: expect.closeTo(0.46, 10) });
  if (!cost) return;
  expect(costWords(cost, '2026-11-19T13:00:00.000Z', '2026-12-03')).toBe(
    'about 0.46 USD/h, 149 USD until it expires',
  );
  expect(costWords(cost, '2026-11-19T13:00:00.000Z', undefined)).toBe('about 0.46 USD/h');
  expect(costWords(cost, '2026-11-19T13:00:00.000Z', '2026-11-18')).toBe(
    'about 0.46 USD/h, 0 USD until it expires',
  );
});

test.each([
  ['no list', undefined, 'Standard_D2ds_v5'],
  ['another size', prices, 'Standard_D4ds_v5'],
  ['a name that every object has', prices, 'constructor'],
])('with %s nothing is guessed', (_name, list, sku) => {
  expect(costOf(list, sku, 64)).toBeUndefined();
});
