// runs: what /v1/runs and /v1/runs/{id}/compare hold.
import { get } from './api';

export interface RunFamily {
  title: string;
  model?: string | null;
  metric?: string | null;
  less_is_better?: boolean | null;
  value?: number | null;
  low?: number | null;
  high?: number | null;
}
export interface Step {
  step: string;
  reused: boolean;
  seconds: number;
  rows?: number;
  peak_mb?: number;
}
export interface Run {
  id: string;
  started: string;
  seconds: number;
  seed: number;
  threads: number;
  build: string;
  published: boolean;
  refused: string | null;
  serving: boolean;
  days: { first: string; valid_from: string; test_from: string; end: string };
  steps: Step[];
  families: Record<string, RunFamily>;
}
export interface Runs {
  skipped?: string;
  total: number;
  serving: string;
  runs: Run[];
}
export interface Difference {
  name: string;
  title: string;
  model: string;
  metric: string;
  less_is_better: boolean;
  before: number | null;
  after: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  units: number;
  verdict: string | null;
  why: string | null;
}
export interface Compared {
  skipped?: string;
  before: string | null;
  after: string | null;
  families: Difference[];
}

export const runs = (signal?: AbortSignal) => get<Runs>('/v1/runs', signal);
export const compared = (before: string, after: string, signal?: AbortSignal) =>
  get<Compared>(`/v1/runs/${encodeURIComponent(after)}/compare?with=${encodeURIComponent(before)}`, signal);

/** What became of a run, in words. */
export const fate = (run: Run) =>
  run.serving ? 'served now' : run.published ? 'published' : run.refused ? 'held back' : 'nothing published';
