// segments: the types and calls of /v1/segments; every member may be missing.
import { get, part } from './api';

export interface Money {
  sum: number;
  low: number;
  high: number;
  mean?: number;
}
export interface Segment {
  id: string;
  method: string;
  index: number;
  name: string;
  customers: number;
  share: number;
  revenue: number;
  revenue_share: number;
  aov?: number | null;
  recency_days?: number;
  frequency?: number;
  monetary?: number;
  active_90?: number;
  p_alive?: number | null;
  expected_purchases?: number | null;
  clv?: Money | null;
  stability?: number | null;
  change?: number | null;
  event?: string | null;
  from?: string[];
  what?: { feature: string; direction: string; z: number }[]; // of a bundle without passports
}
export interface Method {
  name: string;
  title: string;
  segments: number;
  noise?: number | null;
  silhouette?: number | null;
  dbcv?: number | null;
  stability?: number | null;
  explained_purchase?: number | null;
  explained_spend?: number | null;
  chosen?: boolean;
  skipped?: string | null;
}
export interface Overview {
  as_of: string;
  customers: number;
  totals?: {
    customers: number;
    active_90?: number;
    revenue: number;
    orders?: number;
    aov?: number;
    clv?: Money | null;
  };
  method?: string;
  verdict?: string;
  methods?: Method[];
  segments: Segment[];
  died?: { id: string; method: string; name: string; customers: number }[];
  chosen?: { why?: string };
  parts: string[];
}
export interface Cell {
  r: number;
  f: number;
  m: number;
  name: string | null;
  customers: number;
  revenue?: number;
  mean_spend?: number;
  bought_next?: number | null;
}
export interface Grid {
  cuts?: { recency: number[]; frequency: number[]; money: number[]; fixed_frequency?: boolean };
  cells: Cell[];
}
export const measures = ['recency', 'frequency', 'money'] as const;
export type Measure = (typeof measures)[number];
/** Of /v1/segments/grid: the customers by cut points of one's own. */
export interface OwnGrid extends Grid {
  names: { name: string; customers: number; revenue_share: number }[];
  spread: Record<Measure, { edges: number[]; customers: number[] }>;
}
/** "10,20,30,40/1,2,4,9/5,9,20,80" as the URL has it, or null. */
export function cutsOf(text: string): Record<Measure, string[]> | null {
  const parts = text.split('/').map((one) => one.split(','));
  if (parts.length !== 3 || parts.some((one) => one.length !== 4)) return null;
  return { recency: parts[0]!, frequency: parts[1]!, money: parts[2]! };
}
/** Why cut points cannot be asked for, or ''. */
export function cutsWrong(text: string): string {
  const cuts = cutsOf(text);
  if (!text || !cuts) return '';
  for (const one of measures) {
    const values = cuts[one].map((word) => (word === '' ? NaN : Number(word)));
    if (!values.every(Number.isFinite)) return `Not a number among the cut points of ${one}: ${cuts[one].join(', ')}.`;
    if (values.some((value, i) => i > 0 && value < values[i - 1]!)) return `Cut points must ascend: ${one} has ${cuts[one].join(', ')}.`;
  }
  return '';
}
export const cutsText = (cuts: Record<Measure, string[]>) => measures.map((one) => cuts[one].join(',')).join('/');

export interface Trait {
  feature: string;
  label: string;
  mean: number;
  rest: number;
  unit?: string;
  z: number;
  wasserstein?: number;
}
export interface Flow {
  id: string;
  name: string;
  customers: number;
}
interface Rates {
  view_to_cart: number;
  cart_to_buy: number;
  view_to_buy: number;
}
export interface Curve {
  id: string | null;
  name: string;
  time: number[];
  share: number[];
  low?: number[];
  high?: number[];
  at_risk?: number[];
}
export interface Passport extends Segment {
  as_of: string;
  rule?: {
    sentence: string;
    sql?: string;
    precision: number;
    recall: number;
    fidelity?: number;
    customers?: number;
  } | null;
  traits?: Trait[];
  distributions?: { feature: string; label: string; edges: number[]; segment: number[]; rest: number[] }[];
  categories?: { category: string; share: number; lift: number; customers: number }[];
  funnel?: (Rates & { sessions: number; loss?: { step: 'view_to_cart' | 'cart_to_buy'; purchases: number } | null; rest: Rates }) | null;
  price?: { discount_share: number; discount_share_rest: number; elasticity?: number | null; elasticity_low?: number | null; elasticity_high?: number | null } | null;
  basket?: { units_an_order: number; lines_an_order?: number; avg_price: number } | null;
  migration?: { from: string; to: string; in: Flow[]; out: Flow[]; stayed: number } | null;
  nearest?: { id: string; name: string; distance: number }[];
  survival?: Curve;
}
export interface Member {
  customer_id: string;
  recency: number;
  frequency: number;
  monetary: number;
  strength?: number | null;
  outlier?: number | null;
  p_alive?: number | null;
  clv?: number | null;
  clv_low?: number | null;
  clv_high?: number | null;
}
export interface Projection {
  method: string;
  explained: number[];
  rows: number;
  of: number;
  customer_id: string[];
  x: number[];
  y: number[];
  labels: Record<string, number[]>;
  strength?: Record<string, number[]>;
  outlier?: number[] | null;
}
/** Clusters of the condensed tree, an entry each, the root first; cluster = number of a chosen one, else -1. */
export interface Tree {
  parent: number[];
  birth: number[];
  end: number[];
  size: number[];
  cluster: number[];
}
export interface SweepRow {
  m: number;
  clusters: number;
  noise: number;
  validity: number | null;
  sizes?: number[];
  labels?: number[] | null;
  node?: number[];
  tree?: Tree;
}
export interface Explorer {
  skipped?: string;
  projection?: Projection | null;
  outliers?: { customer_id: string; score: number; why: { label: string; value: number; z: number }[] }[] | null;
  sweep?: { method: string; neighbours?: number; chosen: number; rows: SweepRow[] } | null;
}
export interface ChooseK {
  chosen: number;
  why?: string;
  method?: string;
  rows: ({ k: number } & Record<string, number | null>)[];
}
export interface Value {
  skipped?: string | null;
  model: string;
  parameters: Record<string, number>;
  se?: Record<string, number> | null;
  log_likelihood?: number;
  verdict?: string;
  spend?: Record<string, number> | null;
  horizon_weeks?: number;
  discount_a_year?: number;
  margin?: number;
  no_money?: string | null; // why money is not told
  total?: Money | null;
  holdout?: {
    from: string;
    to: string;
    actual: number;
    expected: number;
    error: number;
    bins?: { frequency: string; customers: number; actual: number; expected: number }[];
    cumulative?: { week: number; actual: number; expected: number; holdout: boolean }[];
    decile_lift?: number[];
    top_decile_share?: number;
  } | null;
  matrix?: { frequency: number[]; recency: number[]; p_alive: number[][]; expected: number[][] } | null;
  sbg?: { alpha: number; beta: number; projection: number[] } | null;
}
/** Values of some customers, one entry a customer. */
export interface Sample {
  of: number;
  customer_id: string[];
  p_alive: (number | null)[];
  clv: (number | null)[];
}
export interface Cohort {
  month: string;
  customers: number;
  on: number[];
  after: number[];
}
export interface Retention {
  skipped?: string;
  retention?: {
    months: string[];
    cohorts: Cohort[];
    complete?: boolean;
    mean: Record<'on' | 'after', number[]>;
  } | null;
  survival?: Curve[];
}
export interface Moves {
  method: string;
  ids: string[];
  names: string[];
  months: { from: string; to: string; customers: number[][]; money: number[][] }[];
  sizes?: { day: string; customers: number[] }[];
  stationary?: number[] | null;
  stationary_money?: number[] | null;
}
export interface DriftRow {
  feature: string;
  label: string;
  psi: number;
  verdict: string;
  edges: number[];
  then: number[];
  now: number[];
  missing_then?: number;
  missing_now?: number;
  history?: number[];
}

const of = <T>(name: string, signal?: AbortSignal) => get<T & { skipped?: string }>(`/v1/segments?part=${name}`, signal);
const path = (id: string) => `/v1/segments/${encodeURIComponent(id)}`;

export const segments = {
  overview: (signal?: AbortSignal) => part<Overview>('/v1/segments', signal),
  one: (id: string, signal?: AbortSignal) => get<Passport>(path(id), signal),
  members: (id: string, query: Record<string, string>, signal?: AbortSignal) =>
    get<{ members: Member[]; total: number }>(`${path(id)}/members?${new URLSearchParams(query)}`, signal),
  table: (id: string) => `${path(id)}/members.csv`,
  grid: (signal?: AbortSignal) => of<{ grid?: Grid }>('grid', signal),
  own: (cuts: string, signal?: AbortSignal) =>
    get<OwnGrid>(`/v1/segments/grid${cutsOf(cuts) ? `?${new URLSearchParams(measures.map((one) => [one, cutsOf(cuts)![one].join(',')]))}` : ''}`, signal),
  explorer: (signal?: AbortSignal) => of<Explorer>('explorer', signal),
  chooseK: (signal?: AbortSignal) => of<{ choose_k?: ChooseK }>('choose_k', signal),
  value: (signal?: AbortSignal) => of<{ clv?: Value; sample?: Sample }>('value', signal),
  retention: (signal?: AbortSignal) => of<Retention>('retention', signal),
  migration: (signal?: AbortSignal) => of<{ migration?: Moves[] }>('migration', signal),
  drift: (signal?: AbortSignal) => of<{ drift?: { from: string; to: string; rows: DriftRow[] } }>('drift', signal),
};

/** A method's name for people. */
export const methodTitle = (name: string) =>
  ({ rfm: 'RFM names', kmeans: 'K-Means', gmm: 'Gaussian mixture', hdbscan: 'HDBSCAN' })[name] ?? name;
