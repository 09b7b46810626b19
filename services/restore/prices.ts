/** What a new server costs, by a price list of the owner's: Azure's own prices depend on contracts that nobody can look up here. */
import { z } from 'zod/v4';
import { millisBetween, type Instant } from './instant';

const price = z.number().min(0).max(100_000);

export const pricesSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a currency such as USD'),
  /** By size, such as Standard_D2ds_v5: price of one hour. */
  perHour: z.record(z.string().min(1).max(60), price),
  storagePerGbMonth: price.default(0),
});

export type Prices = z.infer<typeof pricesSchema>;

/** In `currency`; rounded only where it is shown. */
export interface Cost {
  readonly currency: string;
  readonly perHour: number;
}

/** As Azure counts a month of storage. */
const hoursOfMonth = 730;
const hourMillis = 3_600_000;

/** Undefined where the list does not know the size: no price is guessed. */
export function costOf(prices: Prices | undefined, sku: string, storageGb: number): Cost | undefined {
  const compute = prices && Object.hasOwn(prices.perHour, sku) ? prices.perHour[sku] : undefined;
  if (!prices || compute === undefined) return undefined;
  return {
    currency: prices.currency,
    perHour: compute + (storageGb * prices.storagePerGbMonth) / hoursOfMonth,
  };
}

/** `about 0.46 USD/h, 155 USD until it expires`; `expires` is a day, at whose end it is asked what becomes of the server. */
export function costWords({ currency, perHour }: Cost, from: Instant, expires: string | undefined): string {
  const hourly = `about ${perHour.toFixed(2)} ${currency}/h`;
  if (expires === undefined) return hourly;
  const hours = Math.max(0, millisBetween(from, `${expires}T00:00:00.000Z`) / hourMillis);
  return `${hourly}, ${Math.round(perHour * hours)} ${currency} until it expires`;
}
