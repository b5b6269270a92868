/* rfm_grid: customers by their scores of recency, frequency and money: 125 cells as JSON. */
#include "pipeline/rfm_grid.h"

int rfm_grid_at(const rfm_score *score) {
    return (score->recency - 1) * 25 + (score->frequency - 1) * 5 + score->money - 1;
}

static void put_cuts(js *j, const rfm_cuts *c) {
    const double *const cuts[] = {c->recency, c->frequency, c->money};
    static const char *const names[] = {"recency", "frequency", "money"};
    js_object(j, "cuts");
    for (int k = 0; k < 3; k++) {
        js_array(j, names[k]);
        for (int i = 0; i < RFM_CUTS; i++) js_put_real(j, NULL, cuts[k][i]);
        js_end(j);
    }
    js_put_bool(j, "fixed_frequency", c->fixed_frequency);
    js_end(j);
}

void rfm_grid_put(js *j, const rfm_cuts *cuts, const rfm_cell *cell) {
    put_cuts(j, cuts);
    js_array(j, "cells");
    for (int at = 0; at < RFM_CELLS; at++) {
        int r = at / 25 + 1, f = at / 5 % 5 + 1, m = at % 5 + 1;
        if (cell[at].customers == 0) continue;
        js_object(j, NULL);
        js_put_int(j, "r", r);
        js_put_int(j, "f", f);
        js_put_int(j, "m", m);
        js_put_word(j, "name", rfm_names[rfm_name(r, f, m)]);
        js_put_int(j, "customers", cell[at].customers);
        js_put_fixed(j, "revenue", cell[at].revenue, 4);
        js_put_fixed(j, "mean_spend", cell[at].revenue / (double)cell[at].customers, 4);
        js_end(j);
    }
    js_end(j);
}
