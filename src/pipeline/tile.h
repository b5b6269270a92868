/* tile: what a family's publish hook tells the home page, and what it reads back for it. */
#ifndef PIPELINE_TILE_H
#define PIPELINE_TILE_H

#include "pipeline/work.h"

/* A JSON file that a finished step wrote, parsed; NULL when it is not there. */
const js_node *tile_read(const work *w, scope *s, const char *step, const char *file);

/* The family's verdict in 08_evaluate/evaluation.json, or a sentence that there is none. */
slice tile_verdict(const work *w, scope *s, const char *family);

typedef struct tile_headline {
    const char *label;
    double value;
    const char *format; /* ratio, percent, integer, money or decimal */
    const char *note;
} tile_headline;

/* Members skipped (null), headline, sentence and verdict. */
void tile_put(js *home, const tile_headline *h, const char *sentence, slice verdict);

/* Member chart with one series; low and high may be NULL. */
typedef struct tile_chart {
    const char *kind, *x_title, *y_title, *series; /* kind: line or bar */
    int n;
    const slice *x;                    /* [n] */
    const double *values, *low, *high; /* [n] */
} tile_chart;
void tile_put_chart(js *home, const tile_chart *c);

#endif
