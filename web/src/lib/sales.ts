// sales: what /v1/sales holds, and how a figure of one period compares with those before it.
import { get } from './api';
import type { Period } from './trends';

export type Grain = 'day' | 'week' | 'month';
export interface Kpi {
  name: string;
  title: string;
  format: string;
  by: string[]; // what it can be split by
  why: string | null; // it cannot be told at all
}
/** Lists of one length: period, complete, and one for each figure. */
export interface Group {
  value: string;
  period: string[];
  complete: boolean[];
  [figure: string]: (number | null)[] | string[] | boolean[] | string;
}
export interface Sales {
  skipped?: string;
  as_of: string;
  from: string;
  kpis: Kpi[];
  definitions: Record<string, string>;
  absent: Record<string, string>;
  grain: Grain;
  by: string;
  total: Group[];
  groups: Group[];
  calendar: { day: string[]; net_revenue: (number | null)[] };
  lifecycle?: Record<'customers' | 'new' | 'returning' | 'resurrected' | 'dormant', number[]> & { month: string[]; complete: boolean[] };
  revenue: { previous: Period; year: Period | null } | null;
}
export const sales = (grain: string, by: string, signal?: AbortSignal) =>
  get<Sales>(`/v1/sales?${new URLSearchParams({ grain, by })}`, signal);

export const figure = (group: Group, name: string) => group[name] as (number | null)[];
const iso = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The first day of the same period a year before: the same weekday, or the same month. */
export function yearBefore(period: string, grain: Grain): string {
  if (grain === 'month') return `${Number(period.slice(0, 4)) - 1}${period.slice(4)}`;
  return iso(Date.parse(period) - 364 * 864e5);
}
export function periodBefore(period: string, grain: Grain): string {
  if (grain === 'month') {
    const date = new Date(`${period}T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() - 1);
    return iso(date.valueOf());
  }
  return iso(Date.parse(period) - (grain === 'week' ? 7 : 1) * 864e5);
}
/** The figure in the period that begins on a day; null when there is none. */
export function valueAt(group: Group, name: string, period: string): number | null {
  const at = group.period.indexOf(period);
  return at < 0 ? null : (figure(group, name)[at] ?? null);
}

/** Shares move by points, all else by per cent. */
export function moved(now: number | null, before: number | null, format: string): number | null {
  if (now === null || before === null) return null;
  if (format === 'percent') return (now - before) * 100;
  return before === 0 ? null : (now / before - 1) * 100;
}
export const movedText = (by: number | null, format: string): string =>
  by === null ? '–' : `${by > 0 ? '+' : by < 0 ? '−' : ''}${Math.abs(by).toFixed(1)}${format === 'percent' ? ' points' : ' %'}`;
