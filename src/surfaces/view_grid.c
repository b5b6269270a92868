/* view_grid: the customers by cut points of one's own: cells, names and how the measures spread. */
#include <math.h>

#include "pipeline/rfm_grid.h"
#include "surfaces/rfm_words.h"
#include "surfaces/view_segment.h"

enum { MEASURES = 3, BARS = 24 };
static const char *const measures[MEASURES] = {"recency", "frequency", "money"};

static double *cuts_at(rfm_cuts *c, int measure) {
    return measure == 0 ? c->recency : measure == 1 ? c->frequency : c->money;
}

/* The run's cut points; false where the bundle has none. */
static bool cuts_of_run(const js_node *file, rfm_cuts *c) {
    const js_node *cuts = js_get(js_get(file, "grid"), "cuts");
    for (int k = 0; k < MEASURES; k++)
        for (int i = 0; i < RFM_CUTS; i++)
            if (!js_real(js_at(js_get(cuts, measures[k]), i), &cuts_at(c, k)[i])) return false;
    return js_bool(js_get(cuts, "fixed_frequency"), &c->fixed_frequency);
}

static int no_cuts(view *v, int measure, const char *why) {
    return view_mistake(v, &(param_mistake){
        "value_error", "query", measures[measure],
        arena_text(v->keep, "Value error, %s: four ascending numbers like 1,2,4,9", why), NULL,
        v->values[measure].text});
}

static void put_names(js *j, const rfm_cell *names, const rfm_cell *all) {
    js_array(j, "names");
    for (int i = 0; i < RFM_NAMES; i++) {
        if (names[i].customers == 0) continue;
        js_object(j, NULL);
        js_put_word(j, "name", rfm_names[i]);
        js_put_int(j, "customers", names[i].customers);
        js_put_fixed(j, "share", (double)names[i].customers / (double)all->customers, 6);
        js_put_fixed(j, "revenue", names[i].revenue, 4);
        js_put_fixed(j, "revenue_share",
                     all->revenue > 0 ? names[i].revenue / all->revenue : 0, 6);
        js_end(j);
    }
    js_end(j);
}

/* How many customers have a measure in each of BARS stretches of equal width in ln(1 + value). */
static void put_spread(js *j, const bundle *b, int measure) {
    const double *of = b->segment.measures;
    double most = 0;
    int64_t count[BARS] = {0};
    for (int64_t c = 0; c < b->customers; c++) most = fmax(most, of[3 * c + measure]);
    double width = log1p(most) / BARS;
    for (int64_t c = 0; c < b->customers; c++) {
        double value = of[3 * c + measure];
        if (isnan(value)) continue;
        int bar = width > 0 && value > 0 ? (int)ceil(log1p(value) / width) - 1 : 0;
        count[bar < 0 ? 0 : bar < BARS ? bar : BARS - 1]++;
    }
    js_object(j, measures[measure]);
    js_array(j, "edges");
    for (int i = 0; i <= BARS; i++) js_put_fixed(j, NULL, expm1(i * width), 4);
    js_end(j);
    js_array(j, "customers");
    for (int i = 0; i < BARS; i++) js_put_int(j, NULL, count[i]);
    js_end(j);
    js_end(j);
}

int view_grid(view *v) {
    const bundle *b = v->b;
    const double *of = b->segment.measures;
    rfm_cuts cuts = {0};
    rfm_cell cells[RFM_CELLS] = {{0}}, names[RFM_NAMES] = {{0}}, all = {0};
    if (!of || !cuts_of_run(b->pages[BUNDLE_SEGMENTS].root, &cuts))
        return view_missing(v, "this bundle has no measures of its customers: run the shop again");
    for (int k = 0; k < MEASURES; k++) {
        if (!v->values[k].given) continue;
        if (!rfm_words_cuts(v->values[k].text, cuts_at(&cuts, k)))
            return no_cuts(v, k, "these are no cut points");
        if (k == 1) cuts.fixed_frequency = false;
        const char *why = rfm_cuts_check(&cuts);
        if (why) return no_cuts(v, k, why);
    }
    for (int64_t c = 0; c < b->customers; c++) {
        const double *own = of + 3 * c;
        if (isnan(own[0])) continue;
        rfm_score s = rfm_score_one(&cuts, own[0], own[1], own[2]);
        rfm_cell *to[] = {&cells[rfm_grid_at(&s)],
                      &names[s.name], &all};
        for (int i = 0; i < 3; i++) to[i]->customers++, to[i]->revenue += own[2];
    }
    rfm_grid_put(v->j, &cuts, cells);
    put_names(v->j, names, &all);
    js_object(v->j, "spread");
    for (int k = 0; k < MEASURES; k++) put_spread(v->j, b, k);
    js_end(v->j);
    return 200;
}
