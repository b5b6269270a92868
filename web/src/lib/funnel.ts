// funnel: what /v1/funnel holds, and how its numbers read.
import { get } from './api';
import { number } from './format';

export interface Rate {
  value: number;
  low: number;
  high: number;
}
export interface Counted {
  counts: number[];
  step_rates: Rate[]; // of the units at the step before
  overall: Rate;
  median_seconds: (number | null)[]; // from the step before
  median_total_seconds: number | null;
}
export interface Difference {
  feature: string; // 'before': another event earlier
  value: string;
  units: number;
  rate: number;
  rate_without: number;
  odds_ratio: Rate;
  q: number;
}
/** What separates who left from who went on. */
export interface Why {
  value: number | null;
  steps: {
    from: string;
    to: string;
    entered: number;
    compared: number;
    went_on: number;
    lopsided: boolean;
    money_lost: number | null;
    money_of_a_point: number | null;
    tested: number;
    found: number;
    differences: Difference[];
  }[];
}
export interface OfArticle {
  article: string;
  name?: string;
  label: string;
  counts: number[];
  step_rates: Rate[]; // from the second step on
  missing_sales: number;
  missing_money: number | null;
}
export interface Each {
  articles: number;
  steps: { step: string; rate: number; missing_sales: number; missing_money: number | null }[];
  list: OfArticle[];
}
/** A kind of sessions. */
export interface Kind {
  word: string;
  sessions: number;
  share: number;
  converted: number;
  conversion: Rate;
  events: number;
  seconds: number;
  most: { event: string; share: number; times_all: number }[];
  moves: { source: string; target: string; share: number }[];
}
export interface Kinds {
  goal: string | null;
  sessions: number;
  list: Kind[];
}
/** Conversions by channel and rule. */
export interface Attribution {
  definition: string;
  goal: string;
  journeys: number;
  conversions: number;
  channels: {
    channel: string;
    touches: number;
    journeys: number;
    converted: number;
    first: number;
    last: number;
    linear: number;
    position: number;
    shapley: number;
    markov: Rate;
    removal_effect: number;
  }[];
}
export type Split = 'category' | 'channel' | 'platform';
export type Cut = Partial<Record<Split, (Counted & { value: string })[]>>;
export interface Kpi {
  title: string;
  value: number | null;
  format: string;
  low?: number;
  high?: number;
  why: string | null;
}
export interface Funnel {
  skipped?: string;
  definition: string;
  hash: string;
  steps: string[];
  missing: string[];
  all: Counted;
  by: Cut;
  trend: { week: string; counts: number[]; complete: boolean }[];
  why: Why;
  sessions?: Counted & { definition: string; why: Why; kinds: Kinds; attribution: Attribution | null };
  articles?: (Counted & { definition: string; hash: string; by: Cut; why: Why; each: Each }) | null;
  kpis: Record<string, Kpi>;
}

/** What a funnel can be made of. */
export interface Words {
  skipped?: string;
  names: string[];
  category: string[];
  channel: string[];
  platform: string[];
}
/** The answer to a spec. */
export interface Any {
  skipped?: string;
  definition: string;
  hash: string;
  steps: string[];
  all: Counted & { excluded?: number[] };
  by?: Record<string, (Counted & { value: string })[]>;
  events: number;
  took_us: number;
}
export const words = (signal?: AbortSignal) => get<Words>('/v1/funnel/events', signal);
export const ask = (spec: unknown, signal?: AbortSignal) => get<Any>('/v1/funnel', signal, spec);

export const funnel = (signal?: AbortSignal) => get<Funnel>('/v1/funnel', signal);

/** "8.73 % (8.40 to 9.07)" */
export const rate = (one: Rate) =>
  `${number(one.value, 'percent')} (${(100 * one.low).toFixed(1)} to ${(100 * one.high).toFixed(1)})`;

/** Seconds as people say them: "45 s", "3.2 min", "5.1 h", "2.4 days". */
export function wait(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  if (seconds < 129600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86400).toFixed(1)} days`;
}

/** The log's words as people read them. */
export const word = (step: string) => step.replaceAll('_', ' ');

/** What the numbers of the page Funnel are, by the names that lead there. */
export const definitions: Record<string, string> = {
  reached: 'Units (visitors, sessions, or visitors with one article) that had an event of the step, in the order and the time that the sentence under the bars says; units that enter late are counted as far as they came.',
  rate: 'Reached over reached the step before (the last that may not be left out), with the 95 % interval of Wilson. Overall: reached the last step over reached the first.',
  wait: 'Median time from the step before, or from the first step to the last, of the units that reached it; within 9 %, because times are counted in buckets.',
  differences: 'Odds of going on of those with a feature over the odds of those without, among units with as many events before (Mantel and Haenszel), with the 95 % interval; told at a false discovery rate of 5 %.',
  articles: 'Of a visitor and one article: rates drawn toward that of all articles, the more the fewer saw one. Sales missing: units that would have gone on at the rate of all, times the rates from there to the last step; in money: times the median price.',
  conversion_sessions: 'Sessions with a purchase over all sessions.',
  conversion_visitors: 'Visitors with a purchase over all visitors of the log.',
  bounce: 'Sessions of a single event over all sessions.',
  view_to_cart: 'Of a visitor and an article that was viewed: how many were put into the cart.',
  cart_to_buy: 'Of a visitor and an article in the cart: how many were bought.',
  abandonment: 'Carts without a purchase within 24 hours of the first addition over all carts.',
  aov: 'Revenue over orders.',
  upt: 'Units over orders.',
  asp: 'Revenue over units.',
  orders_per_buyer: 'Orders over buyers.',
  repeat_rate: 'Buyers with two orders or more over buyers.',
  return_share: 'Units returned over units sold.',
  full_price_share: "Units at 98 % or more of the reference price (95th percentile of the article's first 28 days) over units sold.",
  markdown_depth: '1 less revenue over what the same units would have brought at reference prices.',
  newness: "Revenue of articles under eight weeks old over all of the last 28 days' revenue.",
  live_articles: 'Articles sold in the last 28 days.',
  top_decile_share: 'Revenue of the best-selling tenth of the articles over all revenue.',
  margin: "Revenue less cost over revenue; a shop's files have no cost prices.",
};
export const terms: Record<string, string> = { reached: 'Reached', rate: 'Rates', wait: 'Median time', differences: 'Odds ratio', articles: 'Articles' };
