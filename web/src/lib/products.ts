// products: what /v1/products and /v1/products/{id} hold.
import { get } from './api';

export interface Launch {
  call: 'ahead' | 'par' | 'behind' | 'young' | 'unknown';
  weeks: number;
  units: number | null;
  usual: number | null;
  usual_low?: number | null; // what 95 of 100 launches sell
  usual_high?: number | null;
  ratio: number | null;
  low: number | null;
  high: number | null;
}
export interface Product {
  id: string;
  name: string;
  category: string;
  revenue: number;
  units: number;
  recent: number;
  previous: number;
  growth: number | null;
  abc: string;
  abc_before: string | null;
  xyz: string;
  cv: number | null;
  launch: Launch;
}
interface Quartiles {
  low: (number | null)[];
  mid: (number | null)[];
  high: (number | null)[];
  weight: number[];
}
export interface Curve {
  category: string | null;
  launches: number[];
  by_week: Quartiles;
  by_sum: Quartiles;
}
export interface Products {
  skipped?: string;
  as_of: string;
  from: string;
  definitions: Record<string, string>;
  concentration: { articles: number; gini: number | null; top: { articles: number; revenue: number }[]; lorenz: number[] };
  matrix: { abc: string; xyz: string; articles: number; revenue: number; units: number }[];
  curve: Curve;
  total: number;
  articles: Product[];
}
export interface ProductPage {
  skipped?: string;
  as_of: string;
  product: (Product & { weeks: number[]; prices: (number | null)[]; list: number | null; reduced: number[]; cuts: number[]; since_launch: number[] }) | null;
  curve: Curve | null;
  elasticity: { elasticity: number; low: number; high: number; weight: number; verdict: string } | null;
  funnel: { label: string; counts: number[] } | null;
  alerts: { id: string; sentence: string; action: string }[];
}

/** What /v1/products/{id}/impact holds; figures are null where it refuses. */
export interface Impact {
  skipped?: string;
  from: string;
  category: string;
  weeks_before: number;
  weeks_after: number;
  refused: string | null;
  siblings: number;
  miss: number | null;
  sold: number | null;
  without: number | null;
  effect: { ratio: number | null; low: number | null; high: number | null; p: number | null };
  weeks: { day: string; treated: number; control: number | null }[];
}

/** The list by the wishes that are not empty. */
export const products = (wishes: Record<string, string>, signal?: AbortSignal) => {
  const query = new URLSearchParams(Object.entries(wishes).filter(([, value]) => value));
  return get<Products>(`/v1/products?${query}`, signal);
};
export const product = (id: string, signal?: AbortSignal) => get<ProductPage>(`/v1/products/${encodeURIComponent(id)}`, signal);

export const callWords: Record<Launch['call'], string> = { ahead: 'ahead of nearly all', par: 'as launches go', behind: 'behind nearly all', young: 'too young', unknown: 'launch unknown' };
export const impact = (id: string, from: string, signal?: AbortSignal) => get<Impact>(`/v1/products/${encodeURIComponent(id)}/impact?from=${from}`, signal);

/** The first day of one of an article's weeks; '' of a week before the first. */
export function weekDay(page: ProductPage, week: number): string {
  if (week < 0 || !page.product) return '';
  const end = Date.parse(`${page.as_of}T00:00:00Z`);
  return new Date(end - (page.product.weeks.length - week) * 7 * 86_400_000).toISOString().slice(0, 10);
}

/** A band as high as the chart over the weeks that are so, for a series of it. */
export function shade(so: boolean[], values: (number | null)[]) {
  const most = Math.max(1, ...values.map((v) => v ?? 0));
  const inside = (i: number) => so[i] || (i > 0 && so[i - 1]); // to the week after, or one week would have no width
  return { low: so.map((_, i) => (inside(i) ? 0 : null)), high: so.map((_, i) => (inside(i) ? most : null)) };
}
