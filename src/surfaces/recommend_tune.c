/* recommend_tune: --tune: parameters chosen on an inner split, and how to ask for them again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "surfaces/recommend_exam.h"

enum { TRIALS = 2000 };

/* "NAME=X,…" of what tuning may have changed. */
static void add_knobs(text *to, const recommender *r, const recommender_params *p) {
    for (int i = 0; i < r->n_knobs; i++)
        if (r->knobs[i].n > 0)
            text_addf(to, "%s%s=%.9g", to->n ? "," : "", r->knobs[i].name,
                      knob_get(p, &r->knobs[i]));
}

const char *exam_set_of(const recommender *r, const recommender_params *p, scope *s) {
    text t = {0};
    text_open(&t, s);
    recommender_blend b = recommender_blend_of(p);
    add_knobs(&t, r, p);
    for (int i = 0; r == &recommender_hybrid && i < b.n; i++) add_knobs(&t, b.model[i], p);
    return t.p ? t.p : "";
}

const char *exam_blend_of(const recommender_params *p, scope *s) {
    text t = {0};
    text_open(&t, s);
    recommender_blend b = recommender_blend_of(p);
    for (int i = 0; i < b.n; i++)
        text_addf(&t, "%s%s=%.9g", i ? "," : "", b.model[i]->name, (double)b.weight[i]);
    return t.p;
}

/* The words that ask for the chosen parameters without choosing again. */
static const char *again(const exam_model *m, scope *s) {
    const char *set = exam_set_of(m->r, &m->p, s);
    const char *blend = m->r == &recommender_hybrid
                            ? arena_text(&s->keep, " --blend %s", exam_blend_of(&m->p, s))
                            : "";
    return arena_text(&s->keep, "--model %s%s%s%s", m->r->name, blend, *set ? " --set " : "", set);
}

bool exam_tune(const args *a, bench *b, const interactions *x, const split *how,
               const split_part *outer, exam_model *m, int k, scope *s, err *e) {
    arena inner = s->scratch, keep = arena_split(&inner, arena_left(&inner) / 2);
    split_part part;
    split_inner(how, x, outer, &part, &keep, inner);
    recommender_data data = interactions_data(x, part.learn, a, &keep, inner);
    int64_t n = 0;
    for (int64_t i = 0; i < part.n; i++) { /* answers that the user had already cannot be listed */
        if (m->p.exclude_seen && sparse_has(&data.by_user, part.user[i], part.item[i])) continue;
        part.user[n] = part.user[i];
        part.item[n++] = part.item[i];
    }
    sparse truth = sparse_from_triples(x->users, x->items, n, part.user, part.item, NULL, &keep,
                                       inner);
    tune_exam held = tune_exam_of(&truth, k, &keep);
    if (held.n == 0)
        return refuse(e, "--tune: no user is left with an item to choose parameters by; leave "
                         "--tune out, or give more data");
    m->log = (tune_log){.most = TRIALS, .at = take(&s->keep, tune_trial, TRIALS)};
    m->tune_users = held.n;
    m->tune_k = k;
    recommender_task task = {&data, NULL, b->threads};
    if (!recommender_tune(m->r, &task, &held, &m->p, &m->log, inner, e)) return false;
    fprintf(stderr, "%s: %d tries on %lld users; chosen: %s\n", m->r->name, m->log.n,
            (long long)held.n, again(m, s));
    return true;
}

static void put_trial(js *out, const tune_trial *t) {
    js_object(out, NULL);
    js_put_word(out, "model", t->model->name);
    if (t->knob) {
        js_put_word(out, "parameter", t->knob->name);
        js_put_real(out, "value", t->value);
    } else if (t->value > 0 || !t->start) {
        js_put_word(out, "parameter", "weight");
        js_put_real(out, "value", (double)(float)t->value);
    } else {
        js_put_word(out, "parameter", "as given");
    }
    js_put_real(out, "score", t->score);
    js_put_bool(out, "taken", t->taken);
    js_end(out);
}

void exam_put_tuning(js *out, const exam_model *models, int n, scope *s) {
    bool any = false;
    for (int m = 0; m < n; m++) any = any || models[m].tune_users > 0;
    if (!any) return;
    js_array(out, "tuning");
    for (int m = 0; m < n; m++) {
        const exam_model *of = &models[m];
        if (of->tune_users == 0) continue;
        double best = NAN;
        for (int i = 0; i < of->log.n; i++) best = fmax(best, of->log.at[i].score);
        js_object(out, NULL);
        js_put_word(out, "model", of->r->name);
        js_put_int(out, "users", of->tune_users);
        js_put_word(out, "by", arena_text(&s->keep, "ndcg@%d", of->tune_k));
        js_put_real(out, "score", best);
        js_put_word(out, "chosen", again(of, s));
        js_put_fixed(out, "tune_s", of->tune_s, 6);
        js_array(out, "tried");
        for (int i = 0; i < of->log.n; i++) put_trial(out, &of->log.at[i]);
        js_end(out);
        js_end(out);
    }
    js_end(out);
}
