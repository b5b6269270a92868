/* attributes: tables of attributes as sparse rows of features, for als_features. */
#include "models/recommend/attributes.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

enum kind { KIND_VALUE = 1, KIND_BAND, KIND_WORD };

typedef struct field {
    const slice *values;
    int number;
    bool numbers;  /* every value is one */
    int32_t *band; /* [rows] -1 = none; NULL = no bands */
} field;

typedef struct found { /* what the fields hold, a row after the other */
    int64_t n, most;
    int32_t *row, *term;
    int64_t *word; /* 0 = no word; else which value it is a word of */
    int64_t values;
    uint64_t slots, *hash; /* open addressing; 0 = empty */
    int32_t *term_at;      /* [slots] */
    int32_t terms;
} found;

static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* The next word of s from *at: false when there is none. */
static bool next_word(slice s, size_t *at, slice *word) {
    while (*at < s.n) {
        size_t from = *at;
        while (*at < s.n && in_word(s.p[*at])) ++*at;
        *word = (slice){s.p + from, *at - from};
        if (*at == from) ++*at;
        if (word->n >= 2) return true;
    }
    return false;
}

static int64_t words_of(slice s) {
    int64_t n = 0;
    slice word;
    for (size_t at = 0; next_word(s, &at, &word);) n++;
    return n;
}

static uint64_t mix(uint64_t hash, unsigned char c) { return (hash ^ c) * 1099511628211u; }

static uint64_t hash_of(const field *f, enum kind kind, slice s) {
    uint64_t h = mix(mix(14695981039346656037u, (unsigned char)f->number), (unsigned char)kind);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        h = mix(h, (unsigned char)(kind == KIND_WORD && c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
    return h ? h : 1;
}

static void add(found *t, int64_t row, enum kind kind, uint64_t hash) {
    uint64_t at = hash & (t->slots - 1);
    while (t->hash[at] != 0 && t->hash[at] != hash) at = (at + 1) & (t->slots - 1);
    if (t->hash[at] == 0) {
        t->hash[at] = hash;
        t->term_at[at] = t->terms++;
    }
    assert(t->n < t->most);
    t->row[t->n] = (int32_t)row;
    t->term[t->n] = t->term_at[at];
    t->word[t->n++] = kind == KIND_WORD ? t->values : 0;
}

/* Bands of a field of numbers: parts of equal size by rank, equal numbers in one band. */
static void find_bands(field *f, int64_t rows, int bands, arena scratch) {
    double *number = take(&scratch, double, rows);
    int32_t *order = take(&scratch, int32_t, rows), *band = f->band;
    int64_t n = 0, different = 0;
    f->numbers = true;
    for (int64_t r = 0; r < rows && f->numbers; r++) {
        if (f->values[r].n == 0) continue;
        f->numbers = slice_double(slice_trim(f->values[r]), &number[r]);
        order[n++] = (int32_t)r;
    }
    f->band = NULL;
    if (!f->numbers) return;
    order_up(order, n, number, scratch);
    for (int64_t r = 0; r < rows; r++) band[r] = -1;
    for (int64_t i = 0; i < n; i++) {
        bool same = i > 0 && number[order[i]] == number[order[i - 1]];
        different += !same;
        band[order[i]] = same ? band[order[i - 1]] : (int32_t)(i * bands / n);
    }
    if (different > bands) f->band = band;
}

static void collect_row(found *t, const field *f, int64_t row) {
    slice s = f->values[row], word;
    if (s.n == 0) return;
    t->values++;
    add(t, row, KIND_VALUE, hash_of(f, KIND_VALUE, s));
    if (f->band) {
        char name = (char)f->band[row];
        add(t, row, KIND_BAND, hash_of(f, KIND_BAND, (slice){&name, 1}));
    }
    if (f->numbers || words_of(s) < 2) return;
    for (size_t at = 0; next_word(s, &at, &word);)
        add(t, row, KIND_WORD, hash_of(f, KIND_WORD, word));
}

static found collect(const field *fields, int n, int64_t rows, arena *a) {
    found t = {.slots = 64};
    for (int i = 0; i < n; i++)
        for (int64_t r = 0; r < rows; r++)
            t.most += 2 + (fields[i].numbers ? 0 : words_of(fields[i].values[r]));
    while (t.slots < 2 * (uint64_t)t.most) t.slots *= 2;
    t.hash = take(a, uint64_t, t.slots);
    t.term_at = take(a, int32_t, t.slots);
    t.row = take(a, int32_t, t.most);
    t.term = take(a, int32_t, t.most);
    t.word = take(a, int64_t, t.most);
    for (int i = 0; i < n; i++)
        for (int64_t r = 0; r < rows; r++) collect_row(&t, &fields[i], r);
    return t;
}

/* column[terms]: its column, or -1; rows[terms] how many rows of all hold it. */
static int64_t choose(const found *t, int64_t rows, const uint8_t *counts, attributes_params p,
                      int32_t *column, int32_t *held, arena scratch) {
    double *often = take(&scratch, double, t->terms);
    int32_t *last = take(&scratch, int32_t, t->terms), *order = order_count(t->terms, &scratch);
    int64_t counted = 0, columns = 1;
    for (int64_t r = 0; r < rows; r++) counted += !counts || counts[r];
    for (int64_t i = 0; i < t->n; i++) { /* a word may stand twice in a row */
        int32_t term = t->term[i], row = t->row[i];
        if (last[term] == row + 1) continue;
        last[term] = row + 1;
        held[term]++;
        often[term] += !counts || counts[row];
    }
    order_down(order, t->terms, often, scratch);
    for (int32_t i = 0; i < t->terms; i++) column[i] = -1;
    for (int32_t i = 0; i < t->terms && columns < p.most; i++) {
        double n = often[order[i]];
        if (n >= p.min_rows && n < (double)counted) column[order[i]] = (int32_t)columns++;
    }
    return columns;
}

/* value[t->n]: 1, and for the words of one value their idf over the length of all of them. */
static void weigh(const found *t, int64_t rows, const int32_t *column, const int32_t *held,
                  float *value) {
    for (int64_t from = 0, to = 0; from < t->n; from = to) {
        double length = 0;
        for (; to < t->n && t->word[to] == t->word[from]; to++) {
            value[to] = 1;
            if (!t->word[to] || column[t->term[to]] < 0) continue;
            value[to] = (float)(log((1 + (double)rows) / (1 + held[t->term[to]])) + 1);
            length += (double)value[to] * value[to];
        }
        for (int64_t i = from; i < to && length > 0; i++) value[i] /= (float)sqrt(length);
    }
}

sparse attributes_fit(const slice *const *fields, int n, int64_t rows, const uint8_t *counts,
                      attributes_params p, arena *keep, arena scratch) {
    assert(arena_apart(keep, &scratch) && n >= 0 && n < 256 && p.min_rows >= 1 && p.most >= 1);
    assert(p.bands >= 2 && p.bands < 128);
    field *all = take(&scratch, field, n);
    for (int i = 0; i < n; i++) {
        all[i] = (field){.values = fields[i], .number = i};
        all[i].band = take(&scratch, int32_t, rows);
        find_bands(&all[i], rows, p.bands, scratch);
    }
    found t = collect(all, n, rows, &scratch);
    int32_t *column = take(&scratch, int32_t, t.terms), *held = take(&scratch, int32_t, t.terms);
    int64_t columns = choose(&t, rows, counts, p, column, held, scratch);
    float *value = take(&scratch, float, t.n), *chosen = take(&scratch, float, t.n + rows);
    int32_t *row = take(&scratch, int32_t, t.n + rows), *col = take(&scratch, int32_t, t.n + rows);
    weigh(&t, rows, column, held, value);
    int64_t to = 0;
    for (; to < rows; to++) {
        row[to] = (int32_t)to;
        chosen[to] = 1; /* column 0 */
    }
    for (int64_t i = 0; i < t.n; i++) {
        if (column[t.term[i]] < 0) continue;
        row[to] = t.row[i];
        col[to] = column[t.term[i]];
        chosen[to++] = value[i];
    }
    return sparse_from_triples(rows, columns, to, row, col, chosen, keep, scratch);
}

sparse attributes_vectors(const sparse *features, arena *keep) {
    sparse v = *features;
    v.value = take_copy(keep, float, features->value, sparse_count(features));
    int32_t *held = take(keep, int32_t, v.cols);
    for (int64_t at = 0; at < sparse_count(&v); at++) held[v.col[at]]++;
    for (int64_t r = 0; r < v.rows; r++) {
        double length = 0;
        for (int64_t at = v.at[r]; at < v.at[r + 1]; at++) {
            v.value[at] *= (float)log((double)v.rows / held[v.col[at]]); /* column 0 is in all: 0 */
            length += (double)v.value[at] * v.value[at];
        }
        for (int64_t at = v.at[r]; at < v.at[r + 1] && length > 0; at++)
            v.value[at] /= (float)sqrt(length);
    }
    return v;
}
