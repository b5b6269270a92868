/* recommend_by_segment: popularity and the blend by the customer's segment, beside those of all. */
#include "pipeline/recommend_by_segment.h"

#include <string.h>

#include "models/recommend/popular.h"
#include "pipeline/family.h"
#include "pipeline/prelude.h"
#include "pipeline/segment_block.h"

/* ---- who belongs where, on each cut-off ---- */

/* customer_bases as of the cut-off alone, as a table of the engine. */
static bool make_bases(const work *w, int32_t cutoff, err *e) {
    work then = *w;
    then.days = (windows){cutoff - 1, cutoff, cutoff, cutoff};
    return work_table_here(&then, "04_features", "customer_bases", e);
}

/* The names of all features of customer_bases. */
static bool name_bases(const work *w, scope *s, segment_block *like, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e, "SELECT * FROM customer_bases LIMIT 0")) return false;
    *like = (segment_block){.names = take(&s->keep, const char *, c.n)};
    for (int i = 0; i < c.n; i++)
        if (strncmp(c.at[i].name, "f_", 2) == 0) like->names[like->bases++] = c.at[i].name + 2;
    return true;
}

static bool read_bases(const work *w, int32_t cutoff, scope *s, segment_block *b, err *e) {
    segment_block like;
    return make_bases(w, cutoff, e) && name_bases(w, s, &like, e) &&
           segment_block_read_bases(w, cutoff, 1, &like, s, b, e);
}

static bool form(recommend_by_segment *b, const work *w, segmentation *m, scope *s, arena *keep,
                 err *e) {
    segment_block block;
    if (!read_bases(w, b->formed, s, &block, e)) return false;
    if (block.n < SEGMENT_LEAST)
        return refuse(e, "--by-segment: %lld customers have bought before %s; segments are formed "
                      "of %d or more. Judge younger weeks (--weeks)", (long long)block.n,
                      day_text(&s->keep, b->formed), SEGMENT_LEAST);
    if (!segmentation_fit(m, w, &block, BY_SEGMENT_K, false, s, e)) return false;
    b->segments = m->clusters.k;
    const slice *names = segmentation_names(m, &block, s);
    slice *copy = take(keep, slice, b->segments);
    for (int g = 0; g < b->segments; g++)
        copy[g] = (slice){slice_copy(keep, names[g]), names[g].n};
    b->names = copy;
    return true;
}

/* to[customers]: the nearest cluster of those who are known on the cut-off. */
static bool belong(const work *w, const segmentation *m, int32_t cutoff, uint8_t *to, scope *s,
                   err *e) {
    segment_block block;
    if (!read_bases(w, cutoff, s, &block, e)) return false;
    if (block.n == 0) return true;
    const int32_t *label = segmentation_clusters(m, w, &block, s);
    for (int64_t i = 0; i < block.n; i++) to[block.customer[i]] = (uint8_t)label[i];
    return true;
}

bool recommend_by_segment_open(recommend_by_segment *b, const work *w, const recommend_data *d,
                               const recommend_calendar *c, scope *s, err *e) {
    scope formed, day;
    segmentation m = {0};
    *b = (recommend_by_segment){.formed = c->cutoff[0],
                                .trust = recommend_defaults(w->seed).band_trust,
                                .n = c->n,
                                .keep = &s->keep};
    if (!prelude_run(w->d, e) || !family_scope(&formed, e)) return false;
    bool done = form(b, w, &m, &formed, &s->keep, e);
    for (int i = 0; i < c->n && done; i++) {
        b->of[i] = take(&s->keep, uint8_t, d->customers);
        memset(b->of[i], BY_SEGMENT_K, (size_t)d->customers);
        if (!family_scope(&day, e)) {
            done = false;
            break;
        }
        done = belong(w, &m, c->cutoff[i], b->of[i], &day, e);
        scope_close(&day);
    }
    scope_close(&formed);
    return done;
}

/* ---- lists ---- */

bool recommend_by_segment_visit(void *what, const recommend_fit *m, const recommend_week *week,
                                arena scratch, err *e) {
    (void)e; /* nothing can go wrong */
    enum { W = RECOMMEND_WIDTH, K = BY_SEGMENT_K, LISTS = K + RECOMMEND_BANDS + 1 };
    recommend_by_segment *b = what;
    const recommend_data *d = m->d;
    const uint8_t *of = b->of[b->done];
    int32_t *group = take(&scratch, int32_t, d->n), *ids = take(b->keep, int32_t, LISTS * W);
    float *scores = take(b->keep, float, LISTS * W);
    for (int64_t i = 0; i < d->n; i++)
        group[i] = of[d->customer[i]] < K ? of[d->customer[i]] : -1;
    popular_events events = {d->n, d->article, d->day, d->weight, group};
    double *score = popular_fit(events, d->articles,
                                (popular_params){m->p.popular_half_life, m->cutoff, K}, &scratch);
    popular_mix(score, d->articles, K, b->trust);
    for (int g = 0; g < K; g++)
        popular_top(score + g * d->articles, d->articles, W, ids + g * W, scores + g * W, scratch);
    memcpy(ids + K * W, m->popular_ids, sizeof *ids * (LISTS - K) * W);
    memcpy(scores + K * W, m->popular_scores, sizeof *scores * (LISTS - K) * W);
    int32_t *list = take(b->keep, int32_t, week->units.n);
    for (int64_t u = 0; u < week->units.n; u++) {
        int32_t customer = week->units.customers[u], band = d->band[customer];
        list[u] = of[customer] < K ? of[customer] : K + (band >= 0 ? band : RECOMMEND_BANDS);
    }
    b->popular[b->done++] = (hybrid_source){.width = W, .ids = ids, .scores = scores, .list = list};
    return true;
}

/* ---- report ---- */

enum { POPULAR, POPULAR_BY, BLEND, BLEND_BY, MODELS };
static const char *const names[MODELS] = {"popularity", "popularity by segment", "blend",
                                          "blend by segment"};

typedef struct compared {
    recommend_exam x; /* the same units; segments are those of the customers */
    const recommend_marks *marks[MODELS];
} compared;

/* The exam with popularity's lists by segment in each week. */
static recommend_exam exam_of(const recommend_by_segment *b, const recommend_exam *x, arena *keep) {
    recommend_exam y = *x;
    recommend_week *weeks = take_copy(keep, recommend_week, x->weeks, x->n_weeks);
    for (int w = 0; w < x->n_weeks; w++) {
        const recommend_units *u = &weeks[w].units;
        weeks[w].lists.sources[RECOMMEND_POPULAR] = b->popular[w];
        weeks[w].segment = take(keep, uint8_t, u->n);
        for (int64_t i = 0; i < u->n; i++) weeks[w].segment[i] = b->of[w][u->customers[i]];
    }
    y.weeks = weeks;
    return y;
}

static recommend_marks *mark(const recommend_exam *x, const int32_t *ids, scope *s) {
    recommend_marks *m = take(&s->keep, recommend_marks, 1);
    *m = recommend_exam_mark(x, ids, &s->keep, s->scratch);
    return m;
}

static compared compare(const recommend_by_segment *b, const recommend_results *r, pool *threads,
                        scope *s) {
    static const int alone[] = {RECOMMEND_POPULAR};
    compared c = {.x = exam_of(b, r->x, &s->keep)};
    const int32_t *popular = recommend_exam_cascade(&c.x, alone, 1, &s->keep);
    const int32_t *blend = recommend_exam_blend(&c.x, r->p->weights, threads, &s->keep, s->scratch);
    c.marks[POPULAR] = &r->marks[RECOMMEND_POPULAR];
    c.marks[BLEND] = &r->marks[RECOMMEND_BLEND];
    c.marks[POPULAR_BY] = mark(&c.x, popular, s);
    c.marks[BLEND_BY] = mark(&c.x, blend, s);
    return c;
}

static metrics_interval value_of(const compared *c, int model, int than, int metric, int segment,
                                 scope *s) {
    return recommend_exam_interval(&c->x, c->marks[model]->of[metric],
                                   than < 0 ? NULL : c->marks[than]->of[metric],
                                   (recommend_part){-1, segment}, s->scratch);
}

static void put_interval(js *report, const char *key, metrics_interval i) {
    js_object(report, key);
    js_put_real(report, "value", i.mean);
    js_put_real(report, "low", i.low);
    js_put_real(report, "high", i.high);
    js_end(report);
}

static evaluation_comparison gain_of(const compared *c, int model, scope *s) {
    metrics_interval i = value_of(c, model, model - 1, RECOMMEND_MAP, -1, s);
    return (evaluation_comparison){.model = names[model],
                                   .baseline = names[model - 1],
                                   .metric = recommend_metrics[RECOMMEND_MAP],
                                   .difference = i.mean,
                                   .low = i.low,
                                   .high = i.high};
}

static void put_whole(const compared *c, scope *s, js *report) {
    js_array(report, "models");
    for (int m = 0; m < MODELS; m++) {
        js_object(report, NULL);
        js_put_word(report, "name", names[m]);
        for (int k = 0; k < RECOMMEND_METRICS; k++)
            put_interval(report, recommend_metrics[k], value_of(c, m, -1, k, -1, s));
        js_end(report);
    }
    js_end(report);
    js_array(report, "comparisons");
    for (int m = POPULAR_BY; m < MODELS; m += 2) {
        evaluation_comparison one = gain_of(c, m, s);
        evaluation_compare(report, &one);
    }
    js_end(report);
}

static void put_part(const recommend_by_segment *b, const compared *c, int g, scope *s,
                     js *report) {
    metrics_interval is[MODELS];
    for (int m = 0; m < MODELS; m++) is[m] = value_of(c, m, -1, RECOMMEND_MAP, g, s);
    js_object(report, NULL);
    js_put_text(report, "name", g < BY_SEGMENT_K ? b->names[g] : SLICE("no purchase yet"));
    js_put_int(report, "customer_weeks", is[POPULAR].n);
    js_array(report, "models");
    for (int m = 0; m < MODELS && is[m].n > 0; m++) {
        js_object(report, NULL);
        js_put_word(report, "name", names[m]);
        put_interval(report, recommend_metrics[RECOMMEND_MAP], is[m]);
        if (m % 2 == 1)
            put_interval(report, "gain", value_of(c, m, m - 1, RECOMMEND_MAP, g, s));
        js_end(report);
    }
    js_end(report);
    js_end(report);
}

static const char *sentence(const evaluation_comparison *c, const char *what, scope *s) {
    static const struct {
        const char *verdict, *words;
    } all[] = {{"better", "is better by segment than for all"},
               {"worse", "is worse by segment than for all"},
               {"", "is shown neither better nor worse by segment"}};
    int is = 0;
    while (is < 2 && strcmp(evaluation_verdict(c), all[is].verdict) != 0) is++;
    return arena_text(&s->keep, "%s %s: MAP@12 %+.4f, 95 %% interval %+.4f to %+.4f.", what,
                      all[is].words, c->difference, c->low, c->high);
}

void recommend_by_segment_report(const recommend_by_segment *b, const recommend_results *r,
                                 pool *threads, scope *s, js *report) {
    compared c = compare(b, r, threads, s);
    evaluation_comparison popular = gain_of(&c, POPULAR_BY, s), blend = gain_of(&c, BLEND_BY, s);
    js_object(report, "by_segment");
    js_put_int(report, "segments", b->segments);
    js_put_word(report, "formed", day_text(&s->keep, b->formed));
    js_put_real(report, "trust", b->trust);
    put_whole(&c, s, report);
    js_array(report, "parts");
    for (int g = 0; g <= BY_SEGMENT_K; g++)
        if (g < b->segments || g == BY_SEGMENT_K) put_part(b, &c, g, s, report);
    js_end(report);
    js_put_word(report, "verdict",
                arena_text(&s->keep, "%s %s", sentence(&popular, "Popularity", s),
                           sentence(&blend, "The blend", s)));
    js_end(report);
}
