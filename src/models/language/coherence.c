/* coherence: do the words of a topic occur together, and do topics have words of their own. */
#include "models/language/coherence.h"

#include <assert.h>
#include <math.h>

#include "base/bitmap.h"

/* Which texts hold each asked term: place[term] = its row of the answer, or -1. */
static bitmap *texts_of(const sparse *x, const int32_t *words, int64_t n, int32_t *place,
                        int32_t *distinct, arena *memory) {
    int32_t count = 0;
    for (int64_t t = 0; t < x->cols; t++) place[t] = -1;
    for (int64_t i = 0; i < n; i++) {
        assert(words[i] < x->cols);
        if (words[i] >= 0 && place[words[i]] < 0) place[words[i]] = count++;
    }
    bitmap *in = take(memory, bitmap, count);
    for (int32_t i = 0; i < count; i++) in[i] = bitmap_open(x->rows, memory);
    for (int64_t r = 0; r < x->rows; r++)
        for (int64_t at = x->at[r]; at < x->at[r + 1]; at++)
            if (place[x->col[at]] >= 0) bitmap_set(&in[place[x->col[at]]], r);
    *distinct = count;
    return in;
}

static int64_t together(const bitmap *a, const bitmap *b) {
    int64_t count = 0;
    for (int64_t i = 0; i < (a->n + 63) / 64; i++)
        count += __builtin_popcountll(a->word[i] & b->word[i]);
    return count;
}

static double npmi(int64_t a, int64_t b, int64_t both, int64_t n) {
    if (both == 0) return -1;
    if (both == n) return 1;
    double texts = (double)n, p = (double)both / texts;
    return log(p / ((double)a / texts * ((double)b / texts))) / -log(p);
}

coherence coherence_of(const sparse *x, const int32_t *words, int k, int m, arena *keep,
                       arena scratch) {
    coherence c = {.topic = take(keep, double, k)};
    int32_t *place = take(&scratch, int32_t, x->cols), distinct;
    bitmap *in = texts_of(x, words, (int64_t)k * m, place, &distinct, &scratch);
    int64_t *count = take(&scratch, int64_t, distinct), all = 0;
    int64_t read = 0;
    int judged = 0;
    for (int64_t r = 0; r < x->rows; r++) read += sparse_degree(x, r) > 0;
    for (int32_t i = 0; i < distinct; i++) count[i] = bitmap_count(&in[i]);
    for (int t = 0; t < k; t++) {
        const int32_t *w = words + (int64_t)t * m;
        int pairs = 0, have = 0;
        while (have < m && w[have] >= 0) have++;
        all += have;
        for (int i = 0; i < have; i++)
            for (int j = i + 1; j < have; j++, pairs++) {
                int32_t a = place[w[i]], b = place[w[j]];
                c.topic[t] += npmi(count[a], count[b], together(&in[a], &in[b]), read);
            }
        if (pairs == 0) continue;
        c.topic[t] /= pairs;
        c.npmi += c.topic[t];
        judged++;
    }
    if (judged > 0) c.npmi /= judged;
    if (all > 0) c.diversity = (double)distinct / (double)all;
    return c;
}

/* Takes the word out of row that goes least with the others, have - to times. pair [have, have]. */
static void prune(double *pair, int32_t *word, double *weight, int have, int to, int width,
                  bool *out) {
    for (int left = have; left > to; left--) {
        int worst = -1;
        double least = INFINITY;
        for (int i = 0; i < have; i++) {
            double sum = 0;
            for (int j = 0; j < have && !out[i]; j++)
                if (j != i && !out[j]) sum += pair[i * have + j];
            if (!out[i] && sum <= least) least = sum, worst = i;
        }
        out[worst] = true;
    }
    int n = 0;
    for (int i = 0; i < have; i++) {
        if (out[i]) continue;
        word[n] = word[i];
        weight[n++] = weight[i];
    }
    for (; n < width; n++) word[n] = -1, weight[n] = 0;
}

void coherence_choose(const sparse *x, int32_t *words, double *weight, int k, int m, int to,
                      arena scratch) {
    int32_t *place = take(&scratch, int32_t, x->cols), distinct;
    bitmap *in = texts_of(x, words, (int64_t)k * m, place, &distinct, &scratch);
    int64_t *count = take(&scratch, int64_t, distinct), read = 0;
    double *pair = take(&scratch, double, (int64_t)m * m);
    bool *out = take(&scratch, bool, m);
    for (int64_t r = 0; r < x->rows; r++) read += sparse_degree(x, r) > 0;
    for (int32_t i = 0; i < distinct; i++) count[i] = bitmap_count(&in[i]);
    for (int t = 0; t < k; t++) {
        int32_t *w = words + (int64_t)t * m;
        int have = 0;
        while (have < m && w[have] >= 0) have++;
        if (have <= to) continue;
        for (int i = 0; i < have; i++)
            for (int j = 0; j < i; j++) {
                int32_t a = place[w[i]], b = place[w[j]];
                pair[i * have + j] = pair[j * have + i] =
                    npmi(count[a], count[b], together(&in[a], &in[b]), read);
            }
        for (int i = 0; i < have; i++) out[i] = false;
        prune(pair, w, weight + (int64_t)t * m, have, to, m, out);
    }
}
