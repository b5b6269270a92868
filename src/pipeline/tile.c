/* tile: what a family's publish hook tells the home page, and what it reads back for it. */
#include "pipeline/tile.h"

const js_node *tile_read(const work *w, scope *s, const char *step, const char *file) {
    slice bytes;
    err ignored = {0};
    const char *path = work_path(w, &s->keep, step, file);
    if (!file_exists(path) || !file_read(path, s, (size_t)256 << 20, &bytes, &ignored)) return NULL;
    return js_parse(s, bytes, &ignored);
}

slice tile_verdict(const work *w, scope *s, const char *family) {
    slice verdict;
    const js_node *mine = work_report(w, s, "08_evaluate", "evaluation.json", family);
    if (js_text(js_get(mine, "verdict"), &verdict)) return verdict;
    return SLICE("Not evaluated.");
}

void tile_put(js *home, const tile_headline *h, const char *sentence, slice verdict) {
    js_put_null(home, "skipped");
    js_object(home, "headline");
    js_put_word(home, "label", h->label);
    js_put_real(home, "value", h->value);
    js_put_word(home, "format", h->format);
    js_put_word(home, "note", h->note);
    js_end(home);
    js_put_word(home, "sentence", sentence);
    js_put_text(home, "verdict", verdict);
}

static void put_numbers(js *home, const char *key, const double *values, int n) {
    if (!values) return;
    js_array(home, key);
    for (int i = 0; i < n; i++) js_put_real(home, NULL, values[i]);
    js_end(home);
}

void tile_put_chart(js *home, const tile_chart *c) {
    js_object(home, "chart");
    js_put_word(home, "kind", c->kind);
    js_put_word(home, "x_title", c->x_title);
    js_put_word(home, "y_title", c->y_title);
    js_array(home, "x");
    for (int i = 0; i < c->n; i++) js_put_text(home, NULL, c->x[i]);
    js_end(home);
    js_array(home, "series");
    js_object(home, NULL);
    js_put_word(home, "name", c->series);
    put_numbers(home, "values", c->values, c->n);
    put_numbers(home, "low", c->low, c->n);
    put_numbers(home, "high", c->high, c->n);
    js_end(home);
    js_end(home);
    js_end(home);
}
