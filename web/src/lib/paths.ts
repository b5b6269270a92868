// paths: what /v1/paths holds.
import { get } from './api';
import type { Rate } from './funnel';

export interface Move {
  step: number; // from this step, counted from 1, to the next
  source: string;
  target: string;
  paths: number;
  users: number;
  median_seconds: number | null;
}
export interface Sequence {
  events: string[];
  sessions: number;
  converted: number;
  conversion: Rate;
  lift: number | null;
}
export interface Paths {
  skipped?: string;
  definition: string;
  users: number;
  sessions: number;
  paths: number;
  events: string[];
  steps: Record<string, number>[]; // paths at each event; '(exit)': that are over by then
  moves: Move[];
  sequences: Sequence[];
  conversion: Rate;
}
export interface Asked {
  anchor: string;
  backwards: boolean;
  depth: string;
}

export function paths(asked: Asked, signal?: AbortSignal): Promise<Paths> {
  const query = new URLSearchParams({ depth: asked.depth });
  if (asked.anchor) query.set('anchor', asked.anchor);
  if (asked.anchor && asked.backwards) query.set('backwards', '1');
  return get<Paths>(`/v1/paths?${query}`, signal);
}
