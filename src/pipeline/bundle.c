/* bundle: what step 10 publishes, opened for reading: one folder, mapped, checked, indexed. */
#include "pipeline/bundle.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "data/folder.h"
#include "pipeline/bundle_arrays.h"

static const char folder_name[] = "10_serve";
static const size_t memory_bytes = (size_t)4 << 30; /* address space: indexes and pages */
static const size_t page_limit = (size_t)64 << 20;

static const char *const page_files[BUNDLE_PAGES] = {
    [BUNDLE_HOME] = "home.json",
    [BUNDLE_EVALUATION] = "evaluation.json",
    [BUNDLE_FUNNEL] = "funnel.json",
    [BUNDLE_TRENDS] = "trends.json",
    [BUNDLE_ELASTICITY] = "elasticity.json",
    [BUNDLE_PRICES] = "prices.json",
    [BUNDLE_BASKETS] = "baskets.json",
    [BUNDLE_PRODUCTS] = "products.json",
    [BUNDLE_DATA] = "data.json",
    [BUNDLE_KPIS] = "kpis.json",
    [BUNDLE_BESIDE] = "beside.json",
    [BUNDLE_INSIGHTS] = "insights.json",
    [BUNDLE_LANGUAGE] = "language.json",
    [BUNDLE_SEGMENTS] = "segments.json",
    [BUNDLE_FORECASTS] = "forecasts.json",
    [BUNDLE_TOPICS] = "topics.json",
    [BUNDLE_ASPECTS] = "aspects.json",
    [BUNDLE_TOXICITY] = "toxicity.json",
    [BUNDLE_REVIEWS] = "reviews.json",
    [BUNDLE_ALERTS] = "alerts.json",
};

/* ---- series ---- */

static uint64_t series_hash(slice level, slice key) {
    return bundle_mix(slice_hash(level) * 31 + slice_hash(key));
}

static bool index_series(bundle_forecast *f, arena *keep, err *e) {
    int32_t *slots;
    if (!bundle_index_open(&f->index, keep, f->n, &slots, e)) return false;
    for (int64_t row = 0; row < f->n; row++) {
        slice key = bundle_key(bundle_text(&f->series, row));
        uint64_t at = series_hash(bundle_text(&f->level, row), key) & f->index.mask;
        while (slots[at]) at = (at + 1) & f->index.mask;
        slots[at] = (int32_t)(row + 1);
    }
    return true;
}

int64_t bundle_series(const bundle *b, slice level, slice series) {
    const bundle_forecast *f = &b->forecast;
    if (!f->has) return -1;
    slice key = bundle_key(series);
    uint64_t at = series_hash(level, key) & f->index.mask;
    for (; f->index.slots[at]; at = (at + 1) & f->index.mask) {
        int64_t row = f->index.slots[at] - 1;
        if (slice_compare(bundle_text(&f->level, row), level) == 0 &&
            slice_compare(bundle_key(bundle_text(&f->series, row)), key) == 0)
            return row;
    }
    return -1;
}

/* ---- one function per file ---- */

static bool open_forecast(bundle *b, const store *m, err *e) {
    bundle_forecast *f = &b->forecast;
    f->weeks = f->past = -1;
    if (!bundle_get_texts(m, "level", -1, &f->level, e)) return false;
    f->n = f->level.n;
    f->has = bundle_get_texts(m, "series", f->n, &f->series, e) &&
             bundle_get_texts(m, "model", f->n, &f->model, e) &&
             bundle_get_texts(m, "detections", f->n, &f->detections, e) &&
             bundle_get_texts(m, "guards", f->n, &f->guards, e) &&
             bundle_get_column(m, "start", STORE_I32, f->n, &f->start, e) &&
             bundle_get(m, "mean", STORE_F32, f->n, &f->weeks, &f->mean, e) &&
             bundle_get(m, "low", STORE_F32, f->n, &f->weeks, &f->low, e) &&
             bundle_get(m, "high", STORE_F32, f->n, &f->weeks, &f->high, e) &&
             bundle_get(m, "history", STORE_F32, f->n, &f->past, &f->history, e) &&
             index_series(f, &b->memory.keep, e);
    return f->has;
}

static bool open_reviews(bundle *b, const store *m, err *e) {
    return bundle_get_texts(m, "article", b->articles, &b->article_reviews, e);
}

typedef bool open_file(bundle *b, const store *m, err *e);
static const struct {
    const char *file, *kind;
    bool required;
    open_file *open;
} model_files[] = {{"ids.atm", "ids", true, bundle_open_ids},
                   {"recommend.atm", "recommend", false, bundle_open_recommend},
                   {"segment.atm", "segment", false, bundle_open_segment},
                   {"forecast.atm", "forecast", false, open_forecast},
                   {"reviews.atm", "reviews", false, open_reviews},
                   {"events.atm", "events", false, bundle_open_events},
                   {"search.atm", "search", false, bundle_open_search}};

static bool open_models(bundle *b, const char *base, err *e) {
    for (size_t i = 0; i < sizeof model_files / sizeof model_files[0]; i++) {
        const char *path = arena_text(&b->memory.keep, "%s/%s", base, model_files[i].file);
        if (!model_files[i].required && !file_exists(path)) continue;
        const store *m = store_map(&b->memory, path, model_files[i].kind, e);
        if (!m) return false;
        if (!model_files[i].open(b, m, e)) return fail_in(e, path);
    }
    return true;
}

static bool open_sentiment(bundle *b, const char *base, err *e) {
    const char *path = arena_text(&b->memory.keep, "%s/language.atm", base);
    if (!file_exists(path)) return true;
    sentiment_file *f = take(&b->memory.keep, sentiment_file, 1);
    b->sentiment = f;
    return sentiment_file_open(f, path, &b->memory, e);
}

static bool open_weekly(bundle *b, const char *base, err *e) {
    const char *path = arena_text(&b->memory.keep, "%s/weekly.html", base);
    return !file_exists(path) || file_read(path, &b->memory, page_limit, &b->weekly, e);
}

static bool open_pages(bundle *b, const char *base, err *e) {
    for (int i = 0; i < BUNDLE_PAGES; i++) {
        bundle_page *p = &b->pages[i];
        p->file = page_files[i];
        const char *path = arena_text(&b->memory.keep, "%s/%s", base, p->file);
        if (!file_exists(path)) continue;
        if (!file_read(path, &b->memory, page_limit, &p->bytes, e)) return false;
        p->root = js_parse(&b->memory, p->bytes, e);
        if (!p->root) return fail_in(e, path);
        if (!js_is_object(p->root)) return fail(e, "%s is not a JSON object", path);
        p->bytes = slice_trim(p->bytes);
    }
    return true;
}

/* ---- the folder as a whole ---- */

static bool verify(bundle *b, const char *parent, const char *manifest, err *e) {
    slice bytes, said;
    hash_text key;
    const char *why = "";
    if (!file_exists(manifest)) {
        refuse(e, "%s/%s has no manifest.json: no finished bundle is there; `atelier run SHOP "
               "--out %s` makes one", parent, folder_name, parent);
        return fail_cause(e, "no_input");
    }
    if (!folder_hash(parent, folder_name, &b->version, e) ||
        !file_read(manifest, &b->memory, page_limit, &bytes, e))
        return false;
    const js_node *root = js_parse(&b->memory, bytes, e);
    if (!root) return fail_in(e, manifest);
    if (!js_text(js_get(root, "key"), &said) || said.n != sizeof key.hex - 1)
        return fail(e, "%s has no key", manifest);
    memcpy(key.hex, said.p, said.n);
    key.hex[said.n] = 0;
    struct stat st;
    if (stat(manifest, &st) != 0) return fail_file(e, "read", manifest);
    b->trained_at = st.st_mtime;
    int32_t second = (int32_t)(b->trained_at % 86400);
    b->made = arena_text(&b->memory.keep, "%sT%02d:%02d:%02dZ",
                         day_text(&b->memory.keep, (int32_t)(b->trained_at / 86400)),
                         second / 3600, second / 60 % 60, second % 60);
    return folder_fresh(parent, folder_name, &key, &why) ||
           fail(e, "%s/%s: %s; run step 10 again", parent, folder_name, why);
}

static bool load(bundle *b, const char *parent, err *e) {
    const char *base = arena_text(&b->memory.keep, "%s/%s", parent, folder_name);
    const char *manifest = arena_text(&b->memory.keep, "%s/manifest.json", base);
    return verify(b, parent, manifest, e) && open_models(b, base, e) &&
           open_sentiment(b, base, e) && open_pages(b, base, e) &&
           open_weekly(b, base, e);
}

bool bundle_open(bundle **out, const char *parent, err *e) {
    /* The folder may be exchanged between two of our opens; then its manifest has changed, too,
     * and what was read is thrown away and read again. Three times is a sign of another problem. */
    err why = {0};
    for (int attempt = 0; attempt < 3; attempt++) {
        scope s;
        err ignored = {0};
        hash_text after;
        why = (err){0};
        if (!scope_open(&s, memory_bytes, 0, e)) return false;
        bundle *b = take(&s.keep, bundle, 1);
        b->memory = s;
        bool done = load(b, parent, &why);
        bool same = folder_hash(parent, folder_name, &after, &ignored) &&
                    strcmp(after.hex, b->version.hex) == 0;
        if (done && same) {
            *out = b;
            return true;
        }
        bundle_close(b);
        if (done) fail(&why, "%s/%s keeps changing while it is read", parent, folder_name);
        if (same || why.kind == ERR_ASKED_WRONG) break;
    }
    *e = why;
    return false;
}

void bundle_close(void *what) {
    bundle *b = what;
    if (!b) return;
    scope s = b->memory; /* the bundle lies in the memory that it owns */
    scope_close(&s);
}
