/* bundle: what step 10 publishes, opened for reading: one folder, mapped, checked, indexed. */
#include "pipeline/bundle.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "data/folder.h"
#include "data/store.h"

static const char folder_name[] = "10_serve";
static const size_t memory_bytes = (size_t)512 << 20; /* address space: indexes and pages */
static const size_t page_limit = (size_t)64 << 20;

static const char *const page_files[BUNDLE_PAGES] = {
    [BUNDLE_HOME] = "home.json",
    [BUNDLE_EVALUATION] = "evaluation.json",
    [BUNDLE_FUNNEL] = "funnel.json",
    [BUNDLE_TRENDS] = "trends.json",
    [BUNDLE_ELASTICITY] = "elasticity.json",
    [BUNDLE_LANGUAGE] = "language.json",
    [BUNDLE_SEGMENTS] = "segments.json",
    [BUNDLE_FORECASTS] = "forecasts.json",
};

/* ---- arrays out of a model file ---- */

/* rows or cols below 0: any, and *cols gets what there is. */
static bool get(const store *m, const char *name, store_type type, int64_t rows, int64_t *cols,
                void *out, err *e) {
    static const char *const types[] = {"U8", "I32", "I64", "F32", "F64"};
    int64_t found_rows = 0, found_cols = 0;
    const void *p = store_get(m, name, type, &found_rows, &found_cols);
    if (!p) return fail(e, "array %s of type %s is missing", name, types[type]);
    if ((rows >= 0 && found_rows != rows) || (*cols >= 0 && found_cols != *cols))
        return fail(e, "array %s has shape [%lld, %lld], expected [%lld, %lld] (-1 = any)", name,
                    (long long)found_rows, (long long)found_cols, (long long)rows,
                    (long long)*cols);
    *cols = found_cols;
    memcpy(out, &p, sizeof p); /* out is the address of a typed pointer */
    return true;
}

static bool get_column(const store *m, const char *name, store_type type, int64_t rows,
                       void *out, err *e) {
    int64_t one = 1;
    return get(m, name, type, rows, &one, out, e);
}

static bool get_texts(const store *m, const char *name, int64_t n, bundle_texts *out, err *e) {
    char part[64];
    int64_t rows = 0, cols = 0, byte_rows = 0, byte_cols = 0;
    snprintf(part, sizeof part, "%s.at", name);
    out->at = store_get(m, part, STORE_I64, &rows, &cols);
    snprintf(part, sizeof part, "%s.bytes", name);
    out->bytes = store_get(m, part, STORE_U8, &byte_rows, &byte_cols);
    out->n = rows * cols - 1;
    if (!out->at || out->n < 0) return fail(e, "texts %s are missing", name);
    if (n >= 0 && out->n != n)
        return fail(e, "texts %s: %lld, expected %lld", name, (long long)out->n, (long long)n);
    int64_t bytes = out->bytes ? byte_rows * byte_cols : 0;
    bool sound = out->at[0] >= 0 && out->at[out->n] <= bytes;
    for (int64_t i = 0; i < out->n && sound; i++) sound = out->at[i] <= out->at[i + 1];
    if (!out->bytes) out->bytes = "";
    return sound || fail(e, "texts %s have offsets that do not fit", name);
}

/* Every value lies in [low, high). */
static bool within(const char *name, const int32_t *v, int64_t n, int64_t low, int64_t high,
                   err *e) {
    for (int64_t i = 0; i < n; i++)
        if (v[i] < low || v[i] >= high)
            return fail(e, "array %s holds %d at %lld, expected %lld to %lld", name, v[i],
                        (long long)i, (long long)low, (long long)high - 1);
    return true;
}

static bool within_u8(const char *name, const uint8_t *v, int64_t n, int64_t high, err *e) {
    for (int64_t i = 0; i < n; i++)
        if (v[i] >= high)
            return fail(e, "array %s holds %d at %lld, expected less than %lld", name, v[i],
                        (long long)i, (long long)high);
    return true;
}

/* ---- ids and their look-ups ---- */

slice bundle_key(slice id) {
    id = slice_trim(id);
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] < '0' || id.p[i] > '9') return id;
    while (id.n > 1 && id.p[0] == '0') id.p++, id.n--;
    return id;
}

static uint64_t mix(uint64_t h) { /* FNV's low bits are weak in a power-of-two table */
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    return h ^ (h >> 29);
}

static uint64_t series_hash(slice level, slice key) {
    return mix(slice_hash(level) * 31 + slice_hash(key));
}

static bool index_open(bundle_index *x, arena *keep, int64_t n, int32_t **slots, err *e) {
    uint64_t size = 16;
    while (size < (uint64_t)n * 2) size *= 2;
    if (n >= INT32_MAX || size * sizeof(int32_t) + 4096 > arena_left(keep))
        return fail(e, "%lld ids do not fit the look-up", (long long)n);
    *slots = take(keep, int32_t, size);
    *x = (bundle_index){size - 1, *slots};
    return true;
}

static int64_t find_id(const bundle_index *x, const bundle_texts *ids, slice id) {
    slice key = bundle_key(id);
    for (uint64_t at = mix(slice_hash(key)) & x->mask; x->slots[at]; at = (at + 1) & x->mask) {
        int64_t row = x->slots[at] - 1;
        if (slice_compare(bundle_key(bundle_text(ids, row)), key) == 0) return row;
    }
    return -1;
}

static bool index_ids(bundle_index *x, arena *keep, const bundle_texts *ids, err *e) {
    int32_t *slots;
    if (!index_open(x, keep, ids->n, &slots, e)) return false;
    for (int64_t row = 0; row < ids->n; row++) {
        slice key = bundle_key(bundle_text(ids, row));
        uint64_t at = mix(slice_hash(key)) & x->mask;
        for (; slots[at]; at = (at + 1) & x->mask)
            if (slice_compare(bundle_key(bundle_text(ids, slots[at] - 1)), key) == 0)
                return fail(e, "rows %d and %lld have the same id %.*s", slots[at] - 1,
                            (long long)row, (int)key.n, key.p);
        slots[at] = (int32_t)(row + 1);
    }
    return true;
}

/* Numbers the distinct categories. The look-up table holds number + 1 and dies with the call. */
static bool number_categories(bundle *b, err *e) {
    bundle_index x;
    int32_t *slots, *category = take(&b->memory.keep, int32_t, b->articles);
    b->categories = take(&b->memory.keep, slice, b->articles);
    b->category = category;
    if (!index_open(&x, &b->memory.keep, b->articles, &slots, e)) return false;
    for (int64_t row = 0; row < b->articles; row++) {
        slice name = bundle_text(&b->article_category, row);
        uint64_t at = mix(slice_hash(name)) & x.mask;
        while (slots[at] && slice_compare(b->categories[slots[at] - 1], name) != 0)
            at = (at + 1) & x.mask;
        if (!slots[at]) {
            b->categories[b->n_categories++] = name;
            slots[at] = b->n_categories;
        }
        category[row] = slots[at] - 1;
    }
    return true;
}

int32_t bundle_category(const bundle *b, slice name) {
    for (int32_t i = 0; i < b->n_categories; i++)
        if (b->categories[i].n == name.n &&
            strncasecmp(b->categories[i].p, name.p, name.n) == 0)
            return i;
    return -1;
}

static bool index_series(bundle_forecast *f, arena *keep, err *e) {
    int32_t *slots;
    if (!index_open(&f->index, keep, f->n, &slots, e)) return false;
    for (int64_t row = 0; row < f->n; row++) {
        slice key = bundle_key(bundle_text(&f->series, row));
        uint64_t at = series_hash(bundle_text(&f->level, row), key) & f->index.mask;
        while (slots[at]) at = (at + 1) & f->index.mask;
        slots[at] = (int32_t)(row + 1);
    }
    return true;
}

int64_t bundle_customer(const bundle *b, slice id) {
    return find_id(&b->by_customer, &b->customer_id, id);
}

int64_t bundle_article(const bundle *b, slice id) {
    return find_id(&b->by_article, &b->article_id, id);
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

static bool open_ids(bundle *b, const store *m, err *e) {
    if (!get_texts(m, "customer_id", -1, &b->customer_id, e) ||
        !get_texts(m, "article_id", -1, &b->article_id, e))
        return false;
    b->customers = b->customer_id.n;
    b->articles = b->article_id.n;
    return get_texts(m, "article_name", b->articles, &b->article_name, e) &&
           get_texts(m, "article_category", b->articles, &b->article_category, e) &&
           get_column(m, "article_price", STORE_F64, b->articles, &b->price, e) &&
           index_ids(&b->by_customer, &b->memory.keep, &b->customer_id, e) &&
           index_ids(&b->by_article, &b->memory.keep, &b->article_id, e) &&
           number_categories(b, e);
}

static bool open_recommend(bundle *b, const store *m, err *e) {
    bundle_recommend *r = &b->recommend;
    int64_t n = b->customers;
    r->k = r->n_similar = r->n_popular = -1;
    r->has = get_texts(m, "reasons", -1, &r->reasons, e) &&
             get_texts(m, "models", -1, &r->models, e) &&
             get(m, "user_items", STORE_I32, n, &r->k, &r->items, e) &&
             get(m, "user_scores", STORE_F32, n, &r->k, &r->scores, e) &&
             get(m, "user_reason", STORE_U8, n, &r->k, &r->reason, e) &&
             get_column(m, "user_cold", STORE_U8, n, &r->cold, e) &&
             get_column(m, "user_model", STORE_U8, n, &r->model, e) &&
             get(m, "similar_items", STORE_I32, b->articles, &r->n_similar, &r->similar, e) &&
             get(m, "similar_scores", STORE_F32, b->articles, &r->n_similar, &r->similar_scores,
                 e) &&
             get(m, "popular_items", STORE_I32, 1, &r->n_popular, &r->popular, e) &&
             get(m, "popular_scores", STORE_F32, 1, &r->n_popular, &r->popular_scores, e) &&
             within("user_items", r->items, n * r->k, -1, b->articles, e) &&
             within_u8("user_reason", r->reason, n * r->k, r->reasons.n, e) &&
             within_u8("user_model", r->model, n, r->models.n, e) &&
             within("similar_items", r->similar, b->articles * r->n_similar, -1, b->articles, e) &&
             within("popular_items", r->popular, r->n_popular, -1, b->articles, e);
    return r->has;
}

static bool open_segment(bundle *b, const store *m, err *e) {
    bundle_segment *s = &b->segment;
    int64_t three = 3, n = b->customers;
    s->has = get_texts(m, "rfm_names", -1, &s->rfm_names, e) &&
             get_texts(m, "cluster_names", -1, &s->cluster_names, e) &&
             get(m, "rfm", STORE_I32, n, &three, &s->rfm, e) &&
             get_column(m, "rfm_name", STORE_I32, n, &s->rfm_name, e) &&
             get_column(m, "cluster", STORE_I32, n, &s->cluster, e) &&
             within("rfm", s->rfm, 3 * n, 0, 6, e) &&
             within("rfm_name", s->rfm_name, n, -1, s->rfm_names.n, e) &&
             within("cluster", s->cluster, n, -1, s->cluster_names.n, e);
    return s->has;
}

static bool open_forecast(bundle *b, const store *m, err *e) {
    bundle_forecast *f = &b->forecast;
    f->weeks = f->past = -1;
    if (!get_texts(m, "level", -1, &f->level, e)) return false;
    f->n = f->level.n;
    f->has = get_texts(m, "series", f->n, &f->series, e) &&
             get_texts(m, "model", f->n, &f->model, e) &&
             get_column(m, "start", STORE_I32, f->n, &f->start, e) &&
             get(m, "mean", STORE_F32, f->n, &f->weeks, &f->mean, e) &&
             get(m, "low", STORE_F32, f->n, &f->weeks, &f->low, e) &&
             get(m, "high", STORE_F32, f->n, &f->weeks, &f->high, e) &&
             get(m, "history", STORE_F32, f->n, &f->past, &f->history, e) &&
             index_series(f, &b->memory.keep, e);
    return f->has;
}

typedef bool open_file(bundle *b, const store *m, err *e);
static const struct {
    const char *file, *kind;
    bool required;
    open_file *open;
} model_files[] = {{"ids.atm", "ids", true, open_ids},
                   {"recommend.atm", "recommend", false, open_recommend},
                   {"segment.atm", "segment", false, open_segment},
                   {"forecast.atm", "forecast", false, open_forecast}};

static bool open_models(bundle *b, const char *base, err *e) {
    for (size_t i = 0; i < sizeof model_files / sizeof model_files[0]; i++) {
        const char *path = arena_text(&b->memory.keep, "%s/%s", base, model_files[i].file);
        if (!model_files[i].required && !file_exists(path)) continue;
        const store *m = store_open(&b->memory, path, model_files[i].kind, e);
        if (!m) return false;
        if (!model_files[i].open(b, m, e)) return fail_in(e, path);
    }
    return true;
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
    return verify(b, parent, manifest, e) && open_models(b, base, e) && open_pages(b, base, e);
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
