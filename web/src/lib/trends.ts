// trends: what /v1/trends?part=page holds, and how its numbers read.
import { get } from './api';

export interface Reason {
  reason: string;
  text: string;
  explains: number;
}
export interface Mover {
  level: 'article' | 'category';
  id: string;
  name: string;
  category: string;
  window: number;
  recent: number;
  previous: number;
  growth: number;
  low: number;
  high: number;
  lfsr: number;
  raw_growth: number;
  call: string;
  weeks: number[];
  stage?: string;
  slope?: { per_week: number; p: number };
  price?: number | null;
  depth?: number | null;
  reasons?: Reason[];
}
export interface Parts {
  units_before: number;
  units: number;
  before: number;
  revenue: number;
  change: number;
  price: number;
  volume: number;
  mix: number;
  share_before: number;
  share: number;
  contribution: number;
}
export interface Period {
  from: string;
  to: string;
  before_from: string;
  before_to: string;
  all: Parts;
  categories: (Parts & { category: string })[];
  shapley: { factor: string; before: number; now: number; part: number }[];
}
export interface AttributeValue {
  value: string;
  recent: number;
  growth: number;
  low: number;
  high: number;
  lfsr: number;
  call: string;
  units: number[];
  shares: (number | null)[];
}
export interface Odd {
  level: string;
  name: string;
  category: string;
  from: string;
  to: string;
  direction: 'more' | 'less';
  units: number;
  expected: number;
  z: number;
  p: number;
  members: number;
}
export interface Shift {
  level: string;
  name: string;
  category: string;
  week: string;
  before: number;
  after: number;
}
export interface Trends {
  skipped?: string;
  as_of: string;
  definition: string;
  definitions: Record<string, string>;
  weeks: number;
  articles_judged: number;
  articles_ended: number;
  rising: Mover[];
  declining: Mover[];
  categories: Mover[];
  spread: [string, number, number, number][]; // id, raw growth, shrunk growth, units
  stages: Record<string, number>;
  revenue: { previous: Period; year: Period | null } | null;
  attributes: { attribute: string; values: AttributeValue[] }[];
  anomalies: { series: number; tests: number; alarms: number; told: number; list: Odd[] };
  shifts: Shift[];
}

export const trends = (signal?: AbortSignal) => get<Trends>('/v1/trends?part=page', signal);

/** Growth 1.25 as "+25 %", 0.5 as "−50 %". */
export function change(growth: number | null | undefined): string {
  if (growth === null || growth === undefined || !Number.isFinite(growth)) return '–';
  return signed((growth - 1) * 100, 0, ' %');
}
export function signed(value: number, digits: number, unit = ''): string {
  const text = Math.abs(value).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const none = Number(text.replaceAll(',', '')) === 0;
  return `${none ? '' : value < 0 ? '−' : '+'}${text}${unit}`;
}
export const chance = (p: number): string => (p < 0.001 ? 'under 0.1 %' : `${(p * 100).toFixed(1)} %`);
