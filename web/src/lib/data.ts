// data: what /v1/data holds: files and their accounts, mapping, quarantine, freshness, checks, drift, profiles.
import { get } from './api';

export interface DataPage {
  skipped?: string;
  as_of: string;
  lately_from: string;
  files: { file: string; source: string; bytes: number; sha256: string; seen: number; accepted: number; quarantined: number; merged: number; blank: number }[];
  unused: { file: string }[];
  mapping: { file: string; position: number; header: string; column: string | null; how: string }[];
  quarantine: { file: string; source: string; step: string; rule: string; rows: number; line: number; column: string | null; observed: string | null; expected: string }[];
  freshness: { table: string; first: string; last: string; days_behind: number }[];
  checks: { source: string; column: string; rule: string; expected: string; on_bad: string; rows: number; bad: number; share: number | null; severity: 'ok' | 'warn' | 'fail' }[];
  drift: { table: string; column: string; rows_before: number; rows_lately: number; classes: number; psi: number; by_chance: number; severity: 'ok' | 'warn' | 'fail'; most: string; before: number; lately: number }[];
  profiles: { table: string; column: string; type: string; rows: number; missing: number; distinct_values: number; min: string | null; median: string | null; max: string | null; mean: number | null }[];
}
export const data = (signal?: AbortSignal) => get<DataPage>('/v1/data', signal);
