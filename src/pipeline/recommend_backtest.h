/* recommend_backtest: sources, rule and blend of a finished run, judged on any weeks of it.
 *
 * Week j is the days end - 7 (j + 1) … end - 7 j - 1 of the run. Sources are fitted as of the first
 * day of each week, on the days before it. All choices (parameters of the sources, weights of the
 * blend) are made on the weeks to tune on and nothing else; without such weeks the defaults stand.
 * The ranker takes no part: it learns on the weeks before one period, see `atelier run`. */
#ifndef PIPELINE_RECOMMEND_BACKTEST_H
#define PIPELINE_RECOMMEND_BACKTEST_H

#include "pipeline/recommend_by_segment.h"

enum { BACKTEST_WEEKS = 60 }; /* at most, of each kind */

typedef struct recommend_backtest {
    int n, n_tune;
    int32_t week[BACKTEST_WEEKS], tune[BACKTEST_WEEKS]; /* numbers j, ascending, each once */
    bool by_segment; /* popularity and blend by segment beside them (recommend_by_segment.h) */
} recommend_backtest;

/* "0-7,16-33" -> numbers, ascending; refuses what is not written so, and a number twice. */
bool recommend_backtest_weeks(const char *said, const char *option, int32_t *week, int *n, err *e);

/* w->out is the folder of a finished run, w->d an engine without tables. Writes the members of
 * recommend_report, "tuning", "best" and, if asked for, "by_segment" into the open object; results
 * are in s->keep. */
bool recommend_backtest_run(const recommend_backtest *b, work *w, scope *s, js *report,
                            recommend_results *results, err *e);

#endif
