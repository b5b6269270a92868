// baskets: what /v1/baskets holds, and the pairs of types as a matrix.
import { get } from './api';

export interface Pair {
  id: string;
  name: string;
  other: string;
  other_name: string;
  n: number;
  count: number;
  other_count: number;
  expected: number;
  support: number;
  lift: number;
  shrunk: number;
  low: number;
  high: number;
  npmi: number;
  g2: number;
}
export interface Baskets {
  skipped?: string;
  as_of: string;
  definition: string;
  definitions: Record<string, string>;
  baskets: number;
  baskets_over_cap: number;
  pairs: number;
  articles: Pair[];
  types: Pair[];
}
export interface Beside {
  skipped?: string;
  article: { id: string; name: string; category: string; price: number | null };
  judged: boolean;
  orders: number;
  items: (Beside['article'] & { n: number; share: number; shrunk: number; low: number; high: number })[];
}
export const baskets = (signal?: AbortSignal) => get<Baskets>('/v1/baskets', signal);
export const beside = (article: string, signal?: AbortSignal) =>
  get<Beside>(`/v1/baskets?${new URLSearchParams({ article })}`, signal);

/** The types of most orders, at most `most`, and the pair of each two of them. */
export function matrixOf(pairs: Pair[], most: number): { names: string[]; pair: (a: string, b: string) => Pair | null } {
  const orders = new Map<string, number>();
  const byNames = new Map<string, Pair>();
  for (const one of pairs) {
    orders.set(one.id, one.count).set(one.other, one.other_count);
    byNames.set(JSON.stringify([one.id, one.other]), one).set(JSON.stringify([one.other, one.id]), one);
  }
  const names = [...orders].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([name]) => name);
  return { names, pair: (a, b) => byNames.get(JSON.stringify([a, b])) ?? null };
}
