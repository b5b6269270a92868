/* tuned_file: what `atelier tune` found for a shop, kept beside its results for step 07 to try. */
#include "pipeline/tuned_file.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "data/folder.h"

enum { MARKS = 32, LEAST_KNOWN = 4 }; /* one in LEAST_KNOWN */

static const char *const models[] = {"als", "ranker", "ets", "prophet", "hdbscan"};
enum { MODELS = sizeof models / sizeof models[0] };

bool tuned_file_knows(const char *model) {
    for (int i = 0; i < MODELS; i++)
        if (strcmp(models[i], model) == 0) return true;
    return false;
}

/* ---- whose sales they are ---- */

#define MARK_SQL                                                                                   \
    "md5(concat_ws(' ', series, CAST(day AS VARCHAR), CAST(units AS VARCHAR), "                    \
    "CAST(revenue AS VARCHAR)))"

bool tuned_file_put_data(js *out, const work *w, scope *s, err *e) {
    columns c, about;
    if (!db_query(w->d, &s->keep, &about, e,
                  "SELECT CAST(count(*) AS BIGINT) AS n, CAST(min(day) AS VARCHAR) AS first, "
                  "CAST(max(day) AS VARCHAR) AS last FROM d_sales WHERE level = 'article'") ||
        !db_query(w->d, &s->keep, &c, e,
                  "SELECT " MARK_SQL " AS mark FROM d_sales WHERE level = 'article' "
                  "ORDER BY mark LIMIT %d", MARKS))
        return false;
    js_object(out, "data");
    js_put_int(out, "rows", about.at[0].i64[0]);
    js_put_text(out, "first", about.at[1].text[0]);
    js_put_text(out, "last", about.at[2].text[0]);
    js_array(out, "marks");
    for (int64_t i = 0; i < c.rows; i++) js_put_text(out, NULL, c.at[0].text[i]);
    js_end(out);
    js_end(out);
    return true;
}

static bool is_hash(slice said) {
    if (said.n != 32) return false;
    for (size_t i = 0; i < said.n; i++)
        if (!strchr("0123456789abcdef", said.p[i])) return false;
    return true;
}

/* How many of the file's marks the sales of this run have. */
static bool count_marks(const tuned_file *f, const work *w, scope *s, int64_t *all, int64_t *known,
                        err *e) {
    const js_node *marks = js_get(js_get(f->root, "data"), "marks");
    const char *list = "";
    *all = *known = 0;
    for (int64_t i = 0; i < js_count(marks) && i < MARKS; i++) {
        slice said;
        if (!js_text(js_at(marks, i), &said) || !is_hash(said)) continue;
        list = arena_text(&s->keep, "%s%s'%.*s'", list, *list ? "," : "", (int)said.n, said.p);
        ++*all;
    }
    return *all == 0 || db_count(w->d, known, e,
                                 "SELECT count(*) FROM d_sales WHERE level = 'article' AND "
                                 MARK_SQL " IN (%s)", list);
}

/* ---- reading ---- */

bool tuned_file_read(tuned_file *to, const work *w, const char *model, scope *s, err *e) {
    slice bytes;
    int64_t all, known;
    err bad = {0};
    *to = (tuned_file){.model = model, .keep = &s->keep, .known = NAN, .score = NAN,
                       .gain = {NAN, NAN, NAN, 0}};
    const char *name = arena_text(&s->keep, TUNED_FOLDER "/%s.json", model);
    const char *path = work_path(w, &s->keep, TUNED_FOLDER, arena_text(&s->keep, "%s.json", model));
    if (!file_exists(path)) return true;
    to->name = name;
    if (!file_read(path, s, (size_t)1 << 20, &bytes, e)) return false;
    to->root = js_parse(s, bytes, &bad);
    if (!to->root)
        to->why = arena_text(&s->keep, "%s is not tried: it is no JSON (%s).", name, bad.text);
    else if (!js_is_object(js_get(to->root, "parameters")) ||
             !slice_is(js_word(to->root, "model"), model))
        to->why = arena_text(&s->keep, "%s is not tried: it has no parameters of model %s.", name,
                             model);
    if (to->why) return true;
    if (!count_marks(to, w, s, &all, &known, e)) return false;
    if (known * LEAST_KNOWN < all || all == 0)
        to->why = arena_text(&s->keep, "%s is not tried: it was found for another shop (this one "
                             "has %lld of the %lld sales that it names).", name, (long long)known,
                             (long long)all);
    return true;
}

/* ---- a point ---- */

static bool refused(tuned_file *f, const char *key, const char *what) {
    f->why = arena_text(f->keep, "%s is not tried: %s%s.", f->name, key, what);
    return false;
}

static bool value_of(tuned_file *f, const space_param *p, const js_node *said, double *to) {
    slice word;
    if (p->kind == SPACE_WORD) {
        for (int i = 0; js_text(said, &word) && i < p->n; i++)
            if (slice_is(word, p->words[i])) return *to = i, true;
        return refused(f, p->name, " is no word that it can have");
    }
    if (!js_real(said, to) || (p->kind == SPACE_INT && *to != floor(*to)))
        return refused(f, p->name, p->kind == SPACE_INT ? " is no whole number" : " is no number");
    if (*to >= p->low && *to <= p->high) return true;
    return refused(f, p->name, arena_text(f->keep, " must be %.9g to %.9g, not %.9g", p->low,
                                          p->high, *to));
}

bool tuned_file_point(tuned_file *f, const space *of, double *point) {
    if (!f->name || (f->why && !f->taken)) return false;
    const js_node *said = js_get(f->root, "parameters");
    const char *key;
    for (int i = 0; i < of->n; i++) point[i] = (double)NAN;
    for (int64_t k = 0; (key = js_key(said, k)) != NULL; k++) {
        int at = 0;
        while (at < of->n && strcmp(of->at[at].name, key) != 0) at++;
        if (at == of->n)
            return refused(f, "a run knows no parameter ",
                           arena_text(f->keep, "'%s' of %s", key, f->model));
        if (!value_of(f, &of->at[at], js_get(said, key), &point[at])) return false;
    }
    return true;
}

/* ---- what came of it ---- */

void tuned_file_judge(tuned_file *f, const char *metric, bool maximise, double known, double score,
                      metrics_interval gain, bool beaten) {
    bool shown = maximise ? gain.low > 0 : gain.high < 0;
    f->tried = true;
    f->taken = shown && !beaten;
    f->metric = metric, f->known = known, f->score = score, f->gain = gain;
    f->why = arena_text(f->keep, "%s is %s: on validation it is %s than the parameters in use (%s "
                        "%.4g against %.4g, difference %+.4g, 95 %% interval %+.4g to %+.4g)%s.",
                        f->name, f->taken ? "taken" : "not taken",
                        shown ? "shown to be better" : "not shown to be better", metric, score,
                        known, gain.mean, gain.low, gain.high,
                        shown && beaten ? ", and a trial of this run is better still" : "");
}

void tuned_file_put(js *report, const work *w, const tuned_file *const *files, int n) {
    js_array(report, "offered");
    for (int i = 0; i < n; i++) {
        const tuned_file *f = files[i];
        if (!f->name) continue;
        const char *why = f->why ? f->why : arena_text(f->keep, "%s is not tried: this run makes "
                                                       "no study of %s.", f->name, f->model);
        js_object(report, NULL);
        js_put_word(report, "file", f->name);
        js_put_word(report, "model", f->model);
        js_put_node(report, "parameters", js_get(f->root, "parameters"));
        js_put_bool(report, "tried", f->tried);
        js_put_word(report, "metric", f->metric);
        js_put_real(report, "default", f->known);
        js_put_real(report, "score", f->score);
        js_put_real(report, "gain", f->gain.mean);
        js_put_real(report, "gain_low", f->gain.low);
        js_put_real(report, "gain_high", f->gain.high);
        js_put_bool(report, "taken", f->taken);
        js_put_word(report, "why", why);
        js_end(report);
        work_say(w, "%s", why);
    }
    js_end(report);
}
