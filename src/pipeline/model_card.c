/* model_card: what a family's models are, on what they were judged and how far to trust them. */
#include "pipeline/model_card.h"

#include <math.h>
#include <stdio.h>

#include "pipeline/evaluation_parts.h"

static void add_text(text *to, const char *before, slice s, const char *after) {
    text_addf(to, "%s%.*s%s", before, (int)s.n, s.p, after);
}

static void add_number(text *to, double x) {
    if (isfinite(x)) text_addf(to, " %.4g |", x);
    else text_addf(to, " – |");
}

/* `{"rows": 3}` as a list; what is nested stays JSON. */
static void add_members(text *to, const js_node *object, scope *s) {
    for (int64_t i = 0; i < js_count(object); i++) {
        const char *key = js_key(object, i);
        js *j = take(&s->keep, js, 1);
        js_open(j, s);
        js_put_node(j, NULL, js_get(object, key));
        text_addf(to, "- %s: `%.*s`\n", key, (int)j->out.n, j->out.p);
    }
}

static void add_periods(text *to, const work *w, scope *s) {
    const windows *d = &w->days;
    text_addf(to,
              "\n## Periods\n\n| part | from | to (inclusive) |\n| --- | --- | --- |\n"
              "| training | %s | %s |\n| validation | %s | %s |\n| test | %s | %s |\n\n",
              day_text(&s->keep, d->first), day_text(&s->keep, d->valid_from - 1),
              day_text(&s->keep, d->valid_from), day_text(&s->keep, d->test_from - 1),
              day_text(&s->keep, d->test_from), day_text(&s->keep, d->end - 1));
    text_addf(to, "How the future is kept out: parameters are chosen on the validation period; the "
                  "test period is scored once, by models fitted on what lies before it; no feature "
                  "is computed from a day after its as-of date.\n");
}

static void add_models(text *to, const js_node *family, scope *s) {
    const js_node *models = js_get(family, "models");
    text_addf(to, "\n## Models on the test period\n\n95 %% bootstrap intervals over the units.\n\n"
                  "| model | role | metric | value | low | high | units |\n"
                  "| --- | --- | --- | --: | --: | --: | --: |\n");
    for (int64_t i = 0; i < js_count(models); i++) {
        const js_node *m = js_at(models, i), *metrics = js_get(m, "metrics");
        for (int64_t k = 0; k < js_count(metrics); k++) {
            const js_node *x = js_get(metrics, js_key(metrics, k));
            add_text(to, "| ", js_word(m, "name"), " | ");
            add_text(to, "", js_word(m, "role"), " | ");
            text_addf(to, "%s |", js_key(metrics, k));
            add_number(to, js_number(x, "value"));
            add_number(to, js_number(x, "low"));
            add_number(to, js_number(x, "high"));
            text_addf(to, " %.0f |\n", js_number(x, "n"));
        }
    }
    text_addf(to, "\n## Parameters\n");
    for (int64_t i = 0; i < js_count(models); i++) {
        const js_node *p = js_get(js_at(models, i), "parameters");
        if (js_count(p) == 0) continue;
        add_text(to, "\n", js_word(js_at(models, i), "name"), ":\n\n");
        add_members(to, p, s);
    }
}

static void add_comparisons(text *to, const js_node *all, const char *title) {
    if (js_count(all) == 0) return;
    text_addf(to, "\n## %s\n\n| model | against | metric | difference | low | "
                  "high | so it is |\n| --- | --- | --- | --: | --: | --: | --- |\n", title);
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *c = js_at(all, i);
        add_text(to, "| ", js_word(c, "model"), " | ");
        add_text(to, "", js_word(c, "baseline"), " | ");
        add_text(to, "", js_word(c, "metric"), " |");
        add_number(to, js_number(c, "difference"));
        add_number(to, js_number(c, "low"));
        add_number(to, js_number(c, "high"));
        add_text(to, " ", js_word(c, "verdict"), " |\n");
    }
}

static void add_parts(text *to, const js_node *family, scope *s) {
    enum { MOST = 400 };
    evaluation_part_row *rows = take(&s->keep, evaluation_part_row, MOST);
    int64_t n = evaluation_parts(family, rows, MOST);
    if (n == 0) return;
    text_addf(to, "\n## By week and group\n\n| by | part | model | metric | value | low | high | "
                  "units |\n| --- | --- | --- | --- | --: | --: | --: | --: |\n");
    for (int64_t i = 0; i < n; i++) {
        add_text(to, "| ", rows[i].by, " | ");
        add_text(to, "", rows[i].of, " | ");
        add_text(to, "", rows[i].model, " | ");
        add_text(to, "", rows[i].metric, " |");
        add_number(to, rows[i].value);
        add_number(to, rows[i].low);
        add_number(to, rows[i].high);
        text_addf(to, " %.0f |\n", rows[i].n);
    }
}

static void add_learning(text *to, const js_node *family) {
    const js_node *all = js_get(family, "learning");
    for (int64_t from = 0, end; from < js_count(all); from = end) {
        const js_node *first = js_at(all, from);
        slice by = js_word(first, "by"), metric = js_word(first, "metric");
        end = evaluation_curve_end(all, from);
        if (from == 0) text_addf(to, "\n## Learning curve\n");
        add_text(to, "\n", js_word(first, "model"), ":\n\n");
        text_addf(to, "| %.*s | %.*s | 95 %% interval |\n| --- | --- | --- |\n", (int)by.n, by.p,
                  (int)metric.n, metric.p);
        for (int64_t i = from; i < end; i++) {
            const js_node *one = js_at(all, i);
            text_addf(to, "| %.0f | %.4f | %.4f to %.4f |\n", js_number(one, "at"),
                      js_number(one, "value"), js_number(one, "low"), js_number(one, "high"));
        }
    }
}

static void add_calibration(text *to, const js_node *family) {
    const js_node *all = js_get(family, "calibration");
    if (js_count(all) > 0) text_addf(to, "\n## Calibration\n");
    for (int64_t i = 0; i < js_count(all); i++) {
        const js_node *one = js_at(all, i), *rows = js_get(one, "rows");
        add_text(to, "\n", js_word(one, "model"), ", ");
        add_text(to, "", js_word(one, "of"), "");
        text_addf(to, ": expected calibration error %.4f over %.0f ", js_number(one, "ece"),
                  js_number(one, "n"));
        add_text(to, "", js_word(one, "units"), ".\n\n");
        text_addf(to, "| stated | observed | 95 %% interval | units |\n"
                      "| --: | --: | --- | --: |\n");
        for (int64_t r = 0; r < js_count(rows); r++) {
            const js_node *at = js_at(rows, r);
            text_addf(to, "| %.4f | %.4f | %.4f to %.4f | %.0f |\n", js_number(at, "stated"),
                      js_number(at, "observed"), js_number(at, "low"), js_number(at, "high"),
                      js_number(at, "n"));
        }
    }
}

/* Limits that the figures themselves show. */
static void add_limits(text *to, const js_node *family) {
    const js_node *all = js_get(family, "comparisons");
    int64_t worse = 0, open = 0;
    for (int64_t i = 0; i < js_count(all); i++) {
        worse += slice_is(js_word(js_at(all, i), "verdict"), "worse");
        open += slice_is(js_word(js_at(all, i), "verdict"), "no difference shown");
    }
    text_addf(to, "\n## Limits\n\n- One shop and one test period of four weeks: another season or "
                  "assortment may give other figures.\n- The intervals cover chance among the "
                  "units of that period, not a change of behaviour after it.\n");
    if (worse + open > 0)
        text_addf(to, "- Of %lld comparisons %lld show no difference and %lld are worse than the "
                      "baseline.\n", (long long)js_count(all), (long long)open, (long long)worse);
}

static slice card_of(const work *w, const js_node *family, scope *s) {
    text *to = take(&s->keep, text, 1);
    text_open(to, s);
    add_text(to, "# ", js_word(family, "title"), "\n\n");
    if (js_word(family, "skipped").n) {
        add_text(to, "Nothing was fitted: ", js_word(family, "skipped"), ".\n");
        return text_slice(to);
    }
    add_text(to, "", js_word(family, "verdict"), "\n");
    add_periods(to, w, s);
    text_addf(to, "\n## Data\n\n");
    add_members(to, js_get(family, "data"), s);
    add_models(to, family, s);
    add_comparisons(to, js_get(family, "comparisons"), "Against the baselines");
    add_comparisons(to, js_get(family, "tuning"), "Tuned against default parameters");
    add_parts(to, family, s);
    add_learning(to, family);
    add_calibration(to, family);
    add_limits(to, family);
    return text_slice(to);
}

bool model_cards_write(const work *w, folder *f, const js_node *evaluation, err *e) {
    for (int64_t i = 0; i < js_count(evaluation); i++) {
        scope s;
        char file[80];
        if (!scope_open(&s, (size_t)16 << 20, 0, e)) return false;
        const char *name = js_key(evaluation, i);
        snprintf(file, sizeof file, "card_%s.md", name);
        bool done = folder_write(f, file, card_of(w, js_get(evaluation, name), &s), e);
        scope_close(&s);
        if (!done) return false;
    }
    return true;
}
