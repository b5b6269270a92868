// api: the typed client of the HTTP API; a refusal becomes an error whose text says what to do.
import { ask, type Reply } from './page';

export interface Series {
  name: string;
  values: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
  /** Single values as marks instead of a line. */
  marks?: 'circle' | 'diamond';
}
export interface ChartData {
  kind: 'line' | 'bar';
  x_title?: string;
  y_title?: string;
  most?: number; // where the axis of values ends; by the values when absent
  x: string[];
  series: Series[];
}
export interface Headline {
  label: string;
  value: number | null;
  format: string;
  note?: string;
}
export interface Family {
  name: string;
  title: string;
  skipped?: string | null;
  headline?: Headline;
  sentence?: string;
  verdict?: string;
  chart?: ChartData;
}
export interface Home {
  shop: Record<'customers' | 'articles' | 'transactions' | 'reviews' | 'events', number> & {
    from: string;
    to: string;
  };
  definitions?: Record<string, string>; // of every fact and headline; older results have none
  families: Family[];
}
export interface Metric {
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
}
export interface Model {
  name: string;
  role: string;
  metrics: Record<string, Metric>;
}
export interface Comparison {
  model: string;
  baseline: string;
  metric: string;
  difference: number | null;
  low: number | null;
  high: number | null;
  verdict: string;
}
/** What a model reaches in one week, or for one group of customers. */
export interface Slice {
  name?: string;
  from?: string;
  customers: number;
  models: { name: string; map_at_12: Metric }[];
}
export interface Source {
  name: string;
  volume: number;
  recall: number;
  marginal: number;
  hit_ratio: number;
}
export interface FamilyEvaluation {
  choice?: string;
  protocol?: { target_days: number; weeks: number; k: number };
  weeks?: Slice[];
  segments?: Slice[];
  sources?: Source[];
  title: string;
  skipped?: string | null;
  metric?: string;
  models?: Model[];
  comparisons?: Comparison[];
  verdict?: string;
  coherence?: { method: string; levels: { level: string; base_rmse: number; reconciled_rmse: number }[] };
  coverage?: { origins: number; steps: { week: number; level_80: number; level_95: number }[] };
  guards?: Record<string, number>;
  stock_out_alerts?: { articles: number; sold_out: number; called: number; right: number };
}
export type Evaluation = Record<string, FamilyEvaluation>;
export interface Recommendation {
  id: string;
  name: string;
  category: string;
  price: number | null;
  score: number;
  rank: number;
  reasons?: string[];
  contributions?: Contribution[];
  bought_before?: boolean;
}
export interface Contribution {
  name: string;
  value: number;
}
export interface Bought {
  id: string;
  name: string;
  category: string;
  day: string;
}
export interface Recommendations {
  customer_id: string;
  served_by: string;
  cold_start: boolean;
  segment?: string;
  history?: Bought[];
  items: Recommendation[];
  took_us: number;
}
export interface ArticlePage {
  article: Record<string, string | number | null> & { id: string; name: string; category: string };
  similar: Recommendation[];
  bought_together: Recommendation[];
  variants: Recommendation[];
}
export interface SegmentOf {
  known: boolean;
  rfm: { recency: number; frequency: number; monetary: number; name: string | null } | null;
  cluster: { index: number; name: string | null } | null;
  segments?: { id: string; method: string; name: string; strength?: number | null }[];
  outlier?: number | null;
  value?: Record<
    'p_alive' | 'expected_purchases' | 'expected_money' | 'clv' | 'clv_low' | 'clv_high',
    number | null
  > | null;
  alive?: { model: string; purchases: string[]; days: string[]; p_alive: number[] } | null;
}

/** A share with its 95 % interval. */
export interface Share {
  positive_share: number;
  low: number;
  high: number;
}
export interface Change {
  month: string;
  before: number;
  after: number;
  difference: number;
  low: number;
  high: number;
}
export interface Moving extends Share {
  category?: string;
  aspect?: string;
  reviews: number;
  months: (Share & { month: string; reviews: number })[];
  changes: Change[];
}
export interface Disagreement {
  review: number;
  article: string;
  category: string;
  day: string | null;
  rating: number | null;
  label: string;
  probability: number;
  text: string;
}
export interface ReviewTrends {
  skipped?: string;
  dated?: boolean;
  note?: string | null;
  by_category?: Moving[];
  aspects?: Moving[];
  articles?: (Share & { article: string; name: string; reviews: number; change: Change | null })[];
  disagreements?: Disagreement[];
}
export interface Rung {
  step: string;
  cost?: string;
  validation?: Record<string, number>;
  gain?: { difference: number; low: number; high: number; verdict: string } | null;
}
export interface Language {
  reviews: number;
  label: string;
  maker?: string;
  note?: string | null;
  sentiment_by_category: (Share & { category: string; n: number })[];
  words: Record<'positive' | 'negative', { word: string; reviews: number }[]>;
  ladder?: Rung[];
  chosen?: string;
  why?: string;
  unread?: {
    empty: number;
    signs: number;
    other_language: number;
    languages?: { language: string; reviews: number }[];
  };
}
export interface Topic extends Share {
  id: number;
  label: string;
  reviews: number;
  share: number;
  positive_low?: number;
  positive_high?: number;
  words: { word: string }[];
  quotes: { review: number; text: string }[];
}
export interface Topics {
  note?: string | null;
  skipped?: string;
  npmi?: number;
  diversity?: number;
  topics?: Topic[];
  drift?: { verdict: string } | null;
}
export interface AspectRow extends Share {
  aspect: string;
  title: string;
  mentions: number;
  by_category: (Share & { category: string; mentions: number; positive: number; negative: number })[];
  quotes: { review: number; polarity: string; text: string }[];
}
export interface Aspects {
  note?: string | null;
  skipped?: string;
  aspects?: AspectRow[];
  size?: (Directions & { by_category: (Directions & { category: string })[] }) | null;
}
/** How many mentions of size say which way it runs. */
interface Directions {
  small: number;
  true: number;
  large: number;
}
export interface Toxicity {
  note?: string | null;
  skipped?: string;
  reviews?: number;
  to_review?: number;
  to_block?: number;
  false_alarms_per_10000?: { value: number; low: number; high: number; on: string } | null;
  queue?: { review: number; article: string | null; day: string | null; probability: number; level: string; text: string; words: string[] }[];
}
export interface Opinion {
  probability: number | null;
  sentiment: string | null;
  uncertain: boolean;
  language: string | null;
  aspects: { aspect: string; polarity: string; direction?: string; evidence: string }[];
  toxicity?: { level: string; probability: number; words?: string[] } | null;
}
export interface Opinions {
  head: string;
  note: string | null;
  texts: Opinion[];
  took_us: number;
}
export interface ArticleReviews extends Partial<Share> {
  reviews: number;
  rating?: number | null;
  aspects?: { aspect: string; positive: number; neutral: number; negative: number }[];
  size?: { small: number; true: number; large: number } | null;
  quotes?: { review: number; day: string | null; rating: number | null; sentiment: string | null; text: string }[];
}
export interface Alert {
  id: string;
  type: string;
  article: string;
  name: string;
  category: string;
  probability: number;
  units: number;
  money: number;
  since: string;
  new: boolean;
  sentence: string;
  action: string;
  evidence: Record<string, number | null>;
}
export interface Alerts {
  as_of: string;
  assumed: { cost_share: number; salvage_share: number };
  note: string | null;
  types: Record<string, { alerts: number; new: number; money: number }>;
  total: number;
  alerts: Alert[];
}
export interface ForecastList {
  series: { series: string; level: string; name: string; model: string; units: number }[];
  total: number;
}
export interface ForecastOne {
  series: string;
  level: string;
  name: string;
  category?: string | null;
  model: string;
  guards?: string[];
  weeks: string[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  history: { weeks: string[]; units: (number | null)[] };
  detections: Detections | null;
}
/** What a series is made of and what is odd in it. */
export interface Detections {
  sentence: string;
  weeks: number;
  seasons: { weeks: number; strength: number; amplitude: number; peak: string; trough: string }[];
  trend: { direction: string; slope: number; low: number; high: number; p: number; strength: number };
  breaks: { week: string; before: number; after: number }[];
  anomalies: { week: string; units: number; expected: number; score: number }[];
  trend_units: number[];
  season_units: number[];
  remainder_units: number[];
}
export interface Found {
  by: string;
  note: string | null;
  items: Recommendation[];
  took_us: number;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** The first sentence of an error body: {"detail": "…"} or {"detail": [{"msg": "…"}]}. */
function detailOf(body: unknown): string | null {
  const detail = (body as { detail?: unknown } | null)?.detail;
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) return (detail[0] as { msg?: string } | undefined)?.msg ?? null;
  return null;
}

/** A GET, or a POST of what is sent. */
export async function get<T>(path: string, signal?: AbortSignal, send?: unknown): Promise<T> {
  let reply: Reply;
  try {
    reply = send === undefined ? await ask(path, signal) : await post(path, signal, send);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('The server does not answer. Is atelier serve still running?', 0);
  }
  if (reply.status === 200 && reply.body !== null) return reply.body as T;
  const said = detailOf(reply.body) ?? 'the answer is not JSON';
  throw new ApiError(`The server answered ${reply.status}: ${said}.`, reply.status);
}

async function post(path: string, signal: AbortSignal | undefined, send: unknown): Promise<Reply> {
  const reply = await fetch(path, {
    method: 'POST',
    signal: signal ?? null,
    headers: { accept: 'application/json' },
    body: JSON.stringify(send),
  });
  return { status: reply.status, body: await reply.json().catch(() => null) };
}

/** A part that a bundle need not have: null when it has none. */
export async function part<T>(path: string, signal?: AbortSignal): Promise<T | null> {
  return get<T>(path, signal).catch((cause: unknown) => {
    if (cause instanceof ApiError && cause.status === 404) return null;
    throw cause;
  });
}

export const api = {
  home: (signal?: AbortSignal) => get<Home>('/v1/home', signal),
  evaluation: (signal?: AbortSignal) => get<Evaluation>('/v1/evaluation', signal),
  recommendations: (id: string, k: number, signal?: AbortSignal) =>
    get<Recommendations>(
      `/v1/recommendations/users/${encodeURIComponent(id)}?k=${k}`,
      signal,
    ),
  preview: (id: string, query: Record<string, string>, signal?: AbortSignal) =>
    get<Recommendations>(
      `/v1/recommendations/users/${encodeURIComponent(id)}?${new URLSearchParams(query)}`,
      signal,
    ),
  article: (id: string, signal?: AbortSignal) =>
    get<ArticlePage>(`/v1/articles/${encodeURIComponent(id)}`, signal),
  reviews: {
    language: (signal?: AbortSignal) => part<Language>('/v1/reviews', signal),
    trends: (signal?: AbortSignal) => part<ReviewTrends>('/v1/reviews/trends', signal),
    topics: (signal?: AbortSignal) => part<Topics>('/v1/reviews/topics', signal),
    aspects: (signal?: AbortSignal) => part<Aspects>('/v1/reviews/aspects', signal),
    toxicity: (signal?: AbortSignal) => part<Toxicity>('/v1/reviews/toxicity', signal),
    article: (id: string, signal?: AbortSignal) =>
      part<ArticleReviews>(`/v1/reviews/articles/${encodeURIComponent(id)}`, signal),
  },
  forecast: {
    alerts: (signal?: AbortSignal) => part<Alerts>('/v1/alerts?limit=1000', signal),
    list: (query: Record<string, string>, signal?: AbortSignal) =>
      get<ForecastList>(`/v1/forecasts?${new URLSearchParams(query)}`, signal),
    one: (series: string, signal?: AbortSignal) =>
      get<ForecastOne>(`/v1/forecasts/${series.split('/').map(encodeURIComponent).join('/')}`, signal),
  },
  sentiment: (text: string, signal?: AbortSignal) => get<Opinions>('/v1/sentiment', signal, { text }),
  search: (q: string, k: number, signal?: AbortSignal) =>
    get<Found>(`/v1/search?${new URLSearchParams({ q, k: String(k) })}`, signal),
  segment: (id: string, signal?: AbortSignal) =>
    get<SegmentOf>(`/v1/segments/users/${encodeURIComponent(id)}`, signal),
};
