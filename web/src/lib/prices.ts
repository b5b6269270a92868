// prices: what /v1/prices and /v1/prices/plan hold.
import { get } from './api';

export interface Interval {
  elasticity: number | null;
  low: number | null;
  high: number | null;
}
export interface PricedArticle extends Interval {
  id: string;
  name: string;
  category: string;
  se: number;
  own: number | null;
  own_se: number | null;
  weight: number;
  points: number;
  weeks: number;
  units: number;
  verdict: 'elastic' | 'inelastic' | 'unsure';
  refused: string | null;
  price: number | null;
  full_price: number | null;
  rate: number; // units a week of the last four
  stock: number | null;
}
export interface PricedCategory extends Interval {
  category: string;
  articles: number;
  refused: string | null;
  cross: Interval & { own: number | null; n: number };
}
export interface Check extends Interval {
  way: string;
  se: number | null;
  n: number;
  refused: string | null;
}
export interface Prices {
  skipped?: string;
  as_of: string;
  definitions: Record<string, string>;
  all: Interval & { refused: string | null };
  categories?: PricedCategory[];
  checks?: Check[];
  prices_follow_demand?: boolean;
  ways_disagree?: boolean;
  articles_with_price_steps?: number;
  articles_with_own?: number;
  share_above_zero?: number | null;
  spread_within_category?: number;
  articles?: PricedArticle[];
}
export const prices = (signal?: AbortSignal) => get<Prices>('/v1/prices', signal);

export interface PlanWish {
  price: number;
  stock: number;
  demand: number;
  elasticity: number;
  elasticity_se: number;
  weeks: number;
  ladder: string;
  cut: number;
}
export interface Plan {
  skipped?: string;
  cut_now: number;
  cut: number;
  price: number;
  money: number;
  money_low: number;
  money_high: number;
  money_held: number;
  gain: number;
  gain_low: number;
  gain_high: number;
  better: number;
  units: number;
  left: number;
  left_low: number;
  left_high: number;
  weeks: { week: number; cut: number | null; units: number; units_held: number }[];
}
export const plan = (wish: PlanWish, signal?: AbortSignal) =>
  get<Plan>(`/v1/prices/plan?${new URLSearchParams(Object.entries(wish).map(([key, value]) => [key, String(value)]))}`, signal);

/** Density of values at points of an axis: a Gaussian kernel, width by Silverman's rule. */
export function density(values: number[], at: number[]): number[] {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  const spread = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
  const width = Math.max(0.04, 0.9 * spread * values.length ** -0.2);
  return at.map((x) => values.reduce((s, v) => s + Math.exp(-0.5 * ((x - v) / width) ** 2), 0) / (values.length * width * Math.sqrt(2 * Math.PI)));
}
