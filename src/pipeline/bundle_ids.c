/* bundle_ids: names and attributes of customers and articles, and their look-ups by id. */
#include <strings.h>

#include "pipeline/bundle_arrays.h"

slice bundle_key(slice id) {
    id = slice_trim(id);
    size_t digits = 0;
    while (digits < id.n && id.p[digits] >= '0' && id.p[digits] <= '9') digits++;
    if (digits > 0 && digits + 2 == id.n && id.p[digits] == '.' && id.p[digits + 1] == '0')
        id.n = digits;
    if (digits < id.n) return id;
    while (id.n > 1 && id.p[0] == '0') id.p++, id.n--;
    return id;
}

uint64_t bundle_mix(uint64_t h) {
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15u;
    return h ^ (h >> 29);
}

bool bundle_index_open(bundle_index *x, arena *keep, int64_t n, int32_t **slots, err *e) {
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
    uint64_t at = bundle_mix(slice_hash(key)) & x->mask;
    for (; x->slots[at]; at = (at + 1) & x->mask) {
        int64_t row = x->slots[at] - 1;
        if (slice_compare(bundle_key(bundle_text(ids, row)), key) == 0) return row;
    }
    return -1;
}

static bool index_ids(bundle_index *x, arena *keep, const bundle_texts *ids, err *e) {
    int32_t *slots;
    if (!bundle_index_open(x, keep, ids->n, &slots, e)) return false;
    for (int64_t row = 0; row < ids->n; row++) {
        slice key = bundle_key(bundle_text(ids, row));
        uint64_t at = bundle_mix(slice_hash(key)) & x->mask;
        for (; slots[at]; at = (at + 1) & x->mask)
            if (slice_compare(bundle_key(bundle_text(ids, slots[at] - 1)), key) == 0)
                return fail(e, "rows %d and %lld have the same id %.*s", slots[at] - 1,
                            (long long)row, (int)key.n, key.p);
        slots[at] = (int32_t)(row + 1);
    }
    return true;
}

/* Numbers distinct texts in the order of their first appearance, and names[number]; an empty text
 * gets -1 where `empty` is set. The look-up holds number + 1. */
static bool number_texts(const bundle_texts *t, bool empty, arena *keep, int32_t *number,
                         slice *names, int32_t *n, err *e) {
    bundle_index x;
    int32_t *slots;
    if (!bundle_index_open(&x, keep, t->n, &slots, e)) return false;
    for (int64_t row = 0; row < t->n; row++) {
        slice name = bundle_text(t, row);
        if (empty && name.n == 0) {
            number[row] = -1;
            continue;
        }
        uint64_t at = bundle_mix(slice_hash(name)) & x.mask;
        while (slots[at] && slice_compare(names[slots[at] - 1], name) != 0) at = (at + 1) & x.mask;
        if (!slots[at]) {
            names[*n] = name;
            slots[at] = ++*n;
        }
        number[row] = slots[at] - 1;
    }
    return true;
}

static bool number_categories(bundle *b, err *e) {
    int32_t *category = take(&b->memory.keep, int32_t, b->articles);
    b->categories = take(&b->memory.keep, slice, b->articles);
    b->category = category;
    return number_texts(&b->article_category, false, &b->memory.keep, category, b->categories,
                        &b->n_categories, e);
}

static bool number_types(bundle *b, err *e) {
    int32_t *type = take(&b->memory.keep, int32_t, b->articles), n = 0;
    slice *names = take(&b->memory.keep, slice, b->articles);
    b->type = type;
    return number_texts(&b->article_type, true, &b->memory.keep, type, names, &n, e);
}

/* The articles of each product in ascending order. */
static bool list_variants(bundle *b, err *e) {
    arena *keep = &b->memory.keep;
    if (!bundle_within("article_group", b->product, b->articles, 0, b->articles, e)) return false;
    int32_t *at = take(keep, int32_t, b->articles + 2), *of = take(keep, int32_t, b->articles);
    for (int64_t a = 0; a < b->articles; a++) at[b->product[a] + 2]++;
    for (int64_t p = 0; p < b->articles; p++) at[p + 2] += at[p + 1];
    for (int64_t a = 0; a < b->articles; a++) of[at[b->product[a] + 1]++] = (int32_t)a;
    b->variants_at = at;
    b->variants = of;
    return true;
}

int32_t bundle_category(const bundle *b, slice name) {
    for (int32_t i = 0; i < b->n_categories; i++)
        if (b->categories[i].n == name.n &&
            strncasecmp(b->categories[i].p, name.p, name.n) == 0)
            return i;
    return -1;
}

int64_t bundle_customer(const bundle *b, slice id) {
    return find_id(&b->by_customer, &b->customer_id, id);
}

int64_t bundle_article(const bundle *b, slice id) {
    return find_id(&b->by_article, &b->article_id, id);
}

/* New-in: first sold or launched in the last weeks before the end. */
static bool mark_new(bundle *b, err *e) {
    enum { NEW_DAYS = 28 };
    uint8_t *is_new = take(&b->memory.keep, uint8_t, b->articles);
    for (int64_t a = 0; a < b->articles; a++)
        is_new[a] = b->first_day[a] > b->end[0] - NEW_DAYS;
    b->is_new = is_new;
    return bundle_within_u8("article_stock", b->stock, b->articles, BUNDLE_STOCKS, e);
}

bool bundle_open_ids(bundle *b, const store *m, err *e) {
    if (!bundle_get_texts(m, "customer_id", -1, &b->customer_id, e) ||
        !bundle_get_texts(m, "article_id", -1, &b->article_id, e))
        return false;
    int64_t n = b->articles = b->article_id.n;
    b->customers = b->customer_id.n;
    return bundle_get_texts(m, "article_name", n, &b->article_name, e) &&
           bundle_get_texts(m, "article_category", n, &b->article_category, e) &&
           bundle_get_texts(m, "article_type", n, &b->article_type, e) &&
           bundle_get_texts(m, "article_colour", n, &b->article_colour, e) &&
           bundle_get_texts(m, "article_product", n, &b->article_product, e) &&
           bundle_get_column(m, "article_price", STORE_F64, n, &b->price, e) &&
           bundle_get_column(m, "article_group", STORE_I32, n, &b->product, e) &&
           bundle_get_column(m, "article_first_day", STORE_I32, n, &b->first_day, e) &&
           bundle_get_column(m, "article_stock", STORE_U8, n, &b->stock, e) &&
           bundle_days("article_first_day", b->first_day, n, e) &&
           bundle_get_column(m, "end", STORE_I32, 1, &b->end, e) &&
           bundle_within("end", b->end, 1, BUNDLE_DAYS_FROM, BUNDLE_DAYS_TO, e) && mark_new(b, e) &&
           index_ids(&b->by_customer, &b->memory.keep, &b->customer_id, e) &&
           index_ids(&b->by_article, &b->memory.keep, &b->article_id, e) &&
           number_categories(b, e) && number_types(b, e) && list_variants(b, e);
}
