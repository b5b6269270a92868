/* series_components: what each series is made of and what is odd in it, as a table and in words.
 *
 * The table: series, time, value, trend, season (all of them), remainder, score (robust deviations
 * of the remainder), anomaly, break (0 or 1): one row per value. The JSON array "detections" says
 * for each series its seasons (period, strength, amplitude, peak and trough as times of the first
 * cycle), trend (slope per value with interval, z, p, strength), breaks and anomalies. */
#ifndef SURFACES_SERIES_COMPONENTS_H
#define SURFACES_SERIES_COMPONENTS_H

#include "surfaces/series_table.h"

/* Decomposes every series of t and writes the table to path; adds "detections" to out. `season`:
 * lengths to look for, ascending, ended by 0; none: those usual for the spacing. */
bool components_write(const char *path, const series_table *t, const int *season, bench *b,
                      scope *s, js *out, err *e);

#endif
