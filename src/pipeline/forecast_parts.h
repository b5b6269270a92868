/* forecast_parts: what each series of a panel is made of and what is odd in it, by detect.h.
 *
 * Series that are modelled one by one and have 26 weeks or more; demand, sold-out weeks filled,
 * with a year of 52 weeks as the candidate beside the peaks of the autocorrelation; where that test
 * has too few years to find one, the panel's smooth yearly factors are the season when their
 * strength is 0.3 or more and they leave less. Each is one JSON object:
 *
 *     {"sentence": "…", "weeks": n,
 *      "seasons": [{"weeks", "strength", "amplitude", "peak", "trough"}],
 *      "trend": {"direction", "slope", "low", "high", "p", "strength"},
 *      "breaks": [{"week", "before", "after"}],
 *      "anomalies": [{"week", "units", "expected", "score"}]}
 *
 * with parts also trend_units, season_units and remainder_units of the last FORECAST_PARTS weeks,
 * which add up to the demand. Anomalies are the latest 20, latest first; weeks are first days. */
#ifndef PIPELINE_FORECAST_PARTS_H
#define PIPELINE_FORECAST_PARTS_H

#include "pipeline/forecast_panel.h"

enum { FORECAST_PARTS = 104 };

/* out[p->n]: the objects as text (memory of s); empty where there is none. */
void forecast_parts(const work *w, const forecast_panel *p, bool parts, scope *s, slice *out);

#endif
