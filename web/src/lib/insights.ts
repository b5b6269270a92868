// insights: what /v1/insights holds: cards, each with the call that gives its number again.
import { part, type ChartData } from './api';

export interface Card {
  id: string;
  page: string;
  open: string; // address of the dashboard
  sentence: string;
  money: number | null;
  money_of: string | null;
  confidence: number | null; // null: counted
  confidence_of: string;
  evidence: { call: string; at: string; value: number };
  chart: ChartData;
}
export interface Insights {
  skipped?: string;
  as_of: string;
  definitions: Record<string, string>;
  candidates: number;
  cards: Card[];
}
const none = { skipped: 'These results are older than the cards: run the shop again.' } as Insights;
export const insights = async (signal?: AbortSignal) => (await part<Insights>('/v1/insights', signal)) ?? none;

/** A probability as people say it: never "100 %" of what is not counted. */
export const sureness = (confidence: number | null) =>
  confidence === null ? 'counted' : confidence > 0.999 ? 'over 99.9 % sure' : `${(confidence * 100).toFixed(confidence > 0.99 ? 1 : 0)} % sure`;
