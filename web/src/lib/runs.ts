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
  parts?: PartDifference[];
}
/** A part of the test (a week, a category, a group) in both runs; each interval is of its own run. */
export interface PartDifference {
  by: string;
  of: string;
  model: string;
  metric: string;
  less_is_better: boolean;
  before: number;
  before_low: number | null;
  before_high: number | null;
  after: number;
  after_low: number | null;
  after_high: number | null;
  after_n: number;
  difference: number;
}
export interface EvaluatedPart {
  by: string;
  of: string;
  model: string;
  metric: string;
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
}
export interface LearningPoint {
  model: string;
  by: string;
  at: number;
  metric: string;
  value: number;
  low: number | null;
  high: number | null;
  n: number;
}
export interface Calibration {
  model: string;
  of: string;
  kind: 'probability' | 'interval';
  units: string;
  n: number;
  ece: number;
  rows: { stated: number; observed: number; low: number; high: number; n: number }[];
}
export interface EvaluatedFamily {
  title: string;
  skipped: string | null;
  learning: LearningPoint[] | null;
  calibration: Calibration[] | null;
  parts: EvaluatedPart[];
}
export interface EvaluatedRun {
  skipped?: string;
  run: Run | null;
  evaluation?: Record<string, EvaluatedFamily>;
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

export const evaluated = (id: string, signal?: AbortSignal) => get<EvaluatedRun>(`/v1/runs/${encodeURIComponent(id)}`, signal);

/** Points that belong together: of one model, by one thing, on one metric. */
export function curves(points: LearningPoint[]): LearningPoint[][] {
  const found: LearningPoint[][] = [];
  for (const point of points) {
    const last = found.at(-1)?.[0];
    if (last && last.model === point.model && last.by === point.by && last.metric === point.metric) found.at(-1)!.push(point);
    else found.push([point]);
  }
  return found;
}
/** What a part won as a share of what it was; less than 0: it lost. */
export const won = (part: PartDifference) => ((part.less_is_better ? -1 : 1) * part.difference) / Math.max(Math.abs(part.before), 1e-9);

/** What became of a run, in words. */
export const fate = (run: Run) =>
  run.serving ? 'served now' : run.published ? 'published' : run.refused ? 'held back' : 'nothing published';
