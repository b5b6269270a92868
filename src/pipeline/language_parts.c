/* language_parts: how well reviews are read by category and month, and from how many reviews. */
#include "pipeline/language_parts.h"

#include <string.h>

#include "base/random.h"
#include "models/interval.h"
#include "pipeline/evaluation_calibration.h"
#include "pipeline/evaluation_parts.h"

enum { LEAST = 20 };

static char *month_of(int32_t day, arena *keep) {
    int year, month, of_month;
    day_split(day, &year, &month, &of_month);
    return arena_text(keep, "%04d-%02d", year, month);
}

typedef struct group {
    slice name;
    int64_t n, right;
} group;

/* Groups in the order of their names; reviews without one count nowhere. */
static group *groups_of(const language_exam *x, const slice *name, int64_t *count, arena *keep) {
    group *all = take(keep, group, x->test.n + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < x->test.n; i++) {
        int64_t at = 0;
        if (name[i].n == 0) continue;
        while (at < n && slice_compare(all[at].name, name[i]) < 0) at++;
        if (at == n || slice_compare(all[at].name, name[i]) != 0) {
            memmove(all + at + 1, all + at, (size_t)(n - at) * sizeof *all);
            all[at] = (group){.name = name[i]};
            n++;
        }
        all[at].n++;
        all[at].right += x->predicted[i] == x->test.label[i];
    }
    *count = n;
    return all;
}

static void put_groups(const language_exam *x, const char *by, const slice *name, scope *s,
                       js *report) {
    int64_t n;
    const group *all = groups_of(x, name, &n, &s->keep);
    for (int64_t g = 0; g < n; g++) {
        if (all[g].n < LEAST) continue;
        interval share = interval_wilson(all[g].right, all[g].n);
        evaluation_part_put(
            report,
            (evaluation_part){by, slice_copy(&s->keep, all[g].name), x->model, "accuracy"},
            (metrics_interval){share.value, share.low, share.high, all[g].n});
    }
}

static void put_calibration(const language_exam *x, arena scratch, js *report) {
    calibration_cell *cells = take(&scratch, calibration_cell, x->test.n);
    for (int64_t i = 0; i < x->test.n; i++)
        cells[i] = (calibration_cell){x->probability[2 * i + 1], x->test.label[i], 1};
    evaluation_probability_put(report,
                               (calibration_of){x->model, "a review is positive", "reviews"},
                               cells, x->test.n, scratch);
}

void language_put_parts(const language_data *d, const language_exam *x, scope *s, js *report) {
    int32_t *rows;
    int64_t n = language_data_pick(d, LANGUAGE_TEST, LANGUAGE_TEST, &s->keep, &rows).n;
    slice *category = take(&s->keep, slice, n), *month = take(&s->keep, slice, n);
    for (int64_t i = 0; i < n; i++) {
        category[i] = d->category[rows[i]];
        if (d->day[rows[i]] != INT32_MIN)
            month[i] = slice_of(month_of(d->day[rows[i]], &s->keep));
    }
    js_array(report, "parts");
    put_groups(x, "category", category, s, report);
    put_groups(x, "month", month, s, report);
    js_end(report);
    js_array(report, "calibration");
    put_calibration(x, s->scratch, report);
    js_end(report);
}

/* Every step-th row. */
static sentiment_data thinned(const sentiment_data *all, int64_t step, arena *keep) {
    sentiment_data out = *all;
    out.n = (all->n + step - 1) / step;
    slice *texts = take(keep, slice, out.n);
    int32_t *label = take(keep, int32_t, out.n);
    float *vectors = all->vectors ? take_raw(keep, float, out.n * all->wide) : NULL;
    for (int64_t i = 0; i < out.n; i++) {
        texts[i] = all->texts[i * step];
        label[i] = all->label[i * step];
        if (vectors)
            memcpy(vectors + i * all->wide, all->vectors + i * step * all->wide,
                   (size_t)all->wide * sizeof *vectors);
    }
    out.texts = texts, out.label = label, out.vectors = vectors;
    return out;
}

static void put_point(const work *w, const language_exam *x, const double *probability, int64_t n,
                      scope *s, js *report) {
    arena scratch = s->scratch;
    double *loss = take(&scratch, double, x->test.n);
    for (int64_t i = 0; i < x->test.n; i++)
        loss[i] = metrics_class_log_loss(probability + 2 * i, x->test.label + i, NULL, 1, 2);
    evaluation_learning_put(report, x->model, "reviews", n, "log_loss",
                            metrics_bootstrap(loss, x->test.n, seed_for(w->seed, "learning"),
                                              METRICS_RESAMPLES, scratch));
}

bool language_put_learning(work *w, const language_data *d, const language_vectors *v,
                           const language_head *h, const language_exam *x, scope *s, js *report,
                           err *e) {
    sentiment_data all = language_vectors_pick(d, v, LANGUAGE_TRAIN, LANGUAGE_VALID, &s->keep,
                                               NULL);
    js_array(report, "learning");
    for (int64_t step = 8; step > 1; step /= 2) {
        sentiment_model m;
        sentiment_data some = thinned(&all, step, &s->keep);
        int64_t positive = 0;
        for (int64_t i = 0; i < some.n; i++) positive += some.label[i];
        if (positive < LEAST || some.n - positive < LEAST) continue; /* too few to learn from */
        if (!language_head_fit(w, h, &some, s, &m, e)) return false;
        put_point(w, x, language_head_score(w, &m, &x->test, s), some.n, s, report);
    }
    put_point(w, x, x->probability, all.n, s, report);
    js_end(report);
    return true;
}
