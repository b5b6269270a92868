// products: what /v1/products and /v1/products/{id} hold.
import { get } from './api';

export interface Launch {
  call: 'ahead' | 'par' | 'behind' | 'young' | 'unknown';
  weeks: number;
  units: number | null;
  usual: number | null;
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
  product: (Product & { weeks: number[]; since_launch: number[] }) | null;
  curve: Curve | null;
  elasticity: { elasticity: number; low: number; high: number; weight: number; verdict: string } | null;
  funnel: { label: string; counts: number[] } | null;
  alerts: { id: string; sentence: string; action: string }[];
}

/** The list by the wishes that are not empty. */
export const products = (wishes: Record<string, string>, signal?: AbortSignal) => {
  const query = new URLSearchParams(Object.entries(wishes).filter(([, value]) => value));
  return get<Products>(`/v1/products?${query}`, signal);
};
export const product = (id: string, signal?: AbortSignal) => get<ProductPage>(`/v1/products/${encodeURIComponent(id)}`, signal);

export const callWords: Record<Launch['call'], string> = { ahead: 'ahead', par: 'as usual', behind: 'behind', young: 'too young', unknown: 'launch unknown' };
