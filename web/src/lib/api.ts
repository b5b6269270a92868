// api: the typed client of the HTTP API; a refusal becomes an error whose text says what to do.

export interface Series {
  name: string;
  values: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
}
export interface ChartData {
  kind: 'line' | 'bar';
  x_title?: string;
  y_title?: string;
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

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(path, { signal: signal ?? null, headers: { accept: 'application/json' } });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('The server does not answer. Is atelier serve still running?', 0);
  }
  const body: unknown = await reply.json().catch(() => null);
  if (reply.ok && body !== null) return body as T;
  const said = detailOf(body) ?? 'the answer is not JSON';
  throw new ApiError(`The server answered ${reply.status}: ${said}.`, reply.status);
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
  segment: (id: string, signal?: AbortSignal) =>
    get<SegmentOf>(`/v1/segments/users/${encodeURIComponent(id)}`, signal),
};
