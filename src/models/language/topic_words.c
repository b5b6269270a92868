/* topic_words: the words that set topics apart, by class-based tf-idf; every word in one topic. */
#include "models/language/topic_words.h"

#include <math.h>
#include <string.h>

/* English function words, and the forms that an apostrophe leaves. */
static const char *const stop_words[] = {
    "about above after again against ain all also although always am among an and another any "
    "anyone anything are aren as at be because been before being below between both but by can "
    "cannot could couldn did didn do does doesn doing don done down during each either else enough "
    "etc even ever every for from further get gets getting go goes going gone got had hadn has "
    "hasn have haven having he her here hers herself him himself his how however if in into is "
    "isn it its itself just let ll made make makes many may maybe me might more most much must my "
    "myself need neither never no nor not now of off often on once one ones only onto or other "
    "others otherwise ought our ours ourselves out over own per perhaps put quite rather re really "
    "said same say says see seem seems seen shall she should shouldn since so some someone "
    "something somewhat still such take than that the their theirs them themselves then there "
    "therefore these they thing things this those though through thus to too toward under until "
    "up upon us use used using ve very via was wasn we well went were weren what whatever when "
    "where whether which while who whole whom whose why will with within without won would wouldn "
    "yet you your yours yourself",
    "i'm i've i'd i'll it's it'd it'll that's there's they're they've you're you'll you've you'd "
    "he's she's we're we've don't doesn't didn't isn't wasn't aren't weren't can't couldn't "
    "wouldn't shouldn't won't haven't hasn't hadn't ain't let's what's who's here's",
};

/* ---- vocabulary ---- */

static bool listed(slice word, const char *list) {
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, " ");
        if (n == word.n && memcmp(p, word.p, n) == 0) return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

bool topic_word_is_stop(slice word) {
    return listed(word, stop_words[0]) || listed(word, stop_words[1]);
}

static bool has_letters_only(slice word) {
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] >= '0' && word.p[i] <= '9') return false;
    return true;
}

static bool ends_in(slice word, const char *end) {
    size_t n = strlen(end);
    return word.n > n && memcmp(word.p + word.n - n, end, n) == 0;
}

/* The term of which `word` is the plural, or -1. */
static int32_t singular_of(const tfidf_model *m, slice word, arena scratch) {
    static const char *const hissing[] = {"ses", "xes", "zes", "ches", "shes"};
    if (word.n < 4 || !ends_in(word, "s") || ends_in(word, "ss") || ends_in(word, "'s")) return -1;
    if (ends_in(word, "ies")) {
        char *p = take(&scratch, char, word.n);
        memcpy(p, word.p, word.n - 3);
        p[word.n - 3] = 'y';
        int32_t found = tfidf_find(m, (slice){p, word.n - 2});
        if (found >= 0) return found;
    }
    for (int i = 0; i < 5; i++) {
        if (!ends_in(word, hissing[i])) continue;
        int32_t found = tfidf_find(m, (slice){word.p, word.n - 2});
        if (found >= 0) return found;
    }
    return tfidf_find(m, (slice){word.p, word.n - 1});
}

static void fold_plurals(topic_counts *c, arena scratch) {
    const tfidf_model *m = &c->model;
    for (int32_t t = 0; t < m->terms; t++) c->form[t] = t;
    for (int32_t t = 0; t < m->terms; t++) {
        int32_t one = singular_of(m, m->term[t], scratch);
        if (one < 0) continue;
        if (m->df[one] >= m->df[t]) c->form[t] = one;
        else c->form[one] = t;
    }
    for (int32_t t = 0; t < m->terms; t++) { /* a plural of a plural: one step is enough */
        int32_t to = c->form[c->form[t]];
        c->form[t] = c->form[to] == to ? to : t;
    }
}

size_t topic_counts_memory(const slice *texts, int64_t n) {
    tfidf_params p = TFIDF_DEFAULTS;
    p.max_n = 1;
    return tfidf_memory(texts, n, p) * 2;
}

bool topic_counts_make(topic_counts *c, const slice *texts, int64_t n, int min_texts, arena *keep,
                       arena scratch, err *e) {
    tfidf_params p = TFIDF_DEFAULTS;
    p.max_n = 1;
    p.sublinear = p.l2 = false;
    p.min_df = min_texts > 0 ? min_texts : (int)(n / 500 < 2 ? 2 : n / 500 > 10 ? 10 : n / 500);
    if (!tfidf_fit(&c->model, texts, n, p, keep, scratch, e)) return false;
    int32_t terms = c->model.terms, left = 0;
    c->texts = 0;
    for (int64_t i = 0; i < n; i++) c->texts += texts[i].n > 0;
    for (int32_t t = 0; t < terms; t++) c->model.idf[t] = 1; /* rows of plain counts */
    c->taken = take(keep, uint8_t, terms);
    c->form = take(keep, int32_t, terms);
    fold_plurals(c, scratch);
    for (int32_t t = 0; t < terms; t++) {
        slice word = c->model.term[t];
        c->taken[t] = c->form[t] == t && has_letters_only(word) && !topic_word_is_stop(word);
        left += c->taken[t]; /* break: only whether any is left matters */
    }
    if (left == 0)
        return refuse(e, "no word but stop words is in %d or more of the %lld texts", p.min_df,
                      (long long)n);
    return true;
}

/* Sorts the n entries of a row by column and adds up equal columns; returns how many are left. */
static int64_t tidy_row(int32_t *col, float *value, int64_t n) {
    int64_t left = 0;
    for (int64_t i = 1; i < n; i++) { /* insertion: most are in order */
        int32_t c = col[i];
        float v = value[i];
        int64_t j = i;
        for (; j > 0 && col[j - 1] > c; j--) col[j] = col[j - 1], value[j] = value[j - 1];
        col[j] = c;
        value[j] = v;
    }
    for (int64_t i = 0; i < n; i++) {
        if (left > 0 && col[left - 1] == col[i]) value[left - 1] += value[i];
        else col[left] = col[i], value[left++] = value[i];
    }
    return left;
}

sparse topic_counts_rows(const topic_counts *c, const slice *texts, int64_t n, pool *threads,
                         arena *keep) {
    sparse x = tfidf_rows(&c->model, texts, n, threads, keep);
    int64_t to = 0, from = 0;
    for (int64_t i = 0; i < sparse_count(&x); i++) x.col[i] = c->form[x.col[i]];
    for (int64_t r = 0; r < n; r++) { /* rows close up in place */
        int64_t have = x.at[r + 1] - from;
        memmove(x.col + to, x.col + from, (size_t)have * sizeof *x.col);
        memmove(x.value + to, x.value + from, (size_t)have * sizeof *x.value);
        from = x.at[r + 1];
        to += tidy_row(x.col + to, x.value + to, have);
        x.at[r + 1] = to;
    }
    return x;
}

sparse topic_counts_gather(const sparse *units, const int32_t *owner, int64_t n, arena *keep) {
    sparse x = {.rows = n, .cols = units->cols};
    int64_t unit = 0, to = 0;
    x.at = take(keep, int64_t, n + 1);
    x.col = take_copy(keep, int32_t, units->col, sparse_count(units));
    x.value = take_copy(keep, float, units->value, sparse_count(units));
    for (int64_t r = 0; r < n; r++) {
        int64_t from = units->at[unit];
        while (unit < units->rows && owner[unit] == r) unit++;
        int64_t have = units->at[unit] - from;
        memmove(x.col + to, x.col + from, (size_t)have * sizeof *x.col);
        memmove(x.value + to, x.value + from, (size_t)have * sizeof *x.value);
        to += tidy_row(x.col + to, x.value + to, have);
        x.at[r + 1] = to;
    }
    return x;
}

/* ---- weights ---- */

static const double rare = 0.03; /* counts a text below which a word does not speak for a topic */

/* -> w [k, terms], zeros on entry. */
static void weigh(const topic_counts *c, const sparse *units, const int32_t *topic, int k,
                  double *w, arena scratch) {
    int64_t terms = units->cols;
    double all = 0, least = rare * c->texts / (double)units->rows; /* a unit */
    double *words = take(&scratch, double, k), *count = take(&scratch, double, terms);
    double *size = take(&scratch, double, k);
    for (int64_t r = 0; r < units->rows; r++) {
        if (topic[r] < 0) continue;
        size[topic[r]]++;
        for (int64_t at = units->at[r]; at < units->at[r + 1]; at++) {
            int32_t t = units->col[at];
            if (!c->taken[t]) continue;
            double v = (double)units->value[at]; /* whole: sums are exact in any order */
            w[(int64_t)topic[r] * terms + t] += v;
            words[topic[r]] += v;
            count[t] += v;
            all += v;
        }
    }
    for (int t = 0; t < k; t++)
        for (int64_t i = 0; i < terms; i++) {
            double f = count[i], *at = &w[(int64_t)t * terms + i];
            if (!(*at > 0)) continue;
            double odds = (all / k - f + 0.5) / (f + 0.5);
            if (*at < least * size[t]) odds = 0;
            *at = sqrt(*at / words[t]) * log(1 + (odds > 0 ? odds : 0));
        }
}

/* The m largest weights of one topic, ties to the smaller term. */
static void best_of(const double *w, int64_t terms, int m, int32_t *word, double *weight) {
    int n = 0;
    for (int i = 0; i < m; i++) word[i] = -1;
    for (int64_t t = 0; t < terms; t++) {
        if (!(w[t] > 0) || (n == m && !(w[t] > weight[m - 1]))) continue;
        int at = n < m ? n++ : m - 1;
        for (; at > 0 && weight[at - 1] < w[t]; at--) {
            weight[at] = weight[at - 1];
            word[at] = word[at - 1];
        }
        weight[at] = w[t];
        word[at] = (int32_t)t;
    }
}

topic_words topic_words_of(const topic_counts *c, const sparse *units, const int32_t *topic,
                           int k, int m, arena *keep, arena scratch) {
    topic_words out = {.k = k, .m = m};
    int64_t terms = units->cols;
    out.word = take(keep, int32_t, (int64_t)k * m);
    out.weight = take(keep, double, (int64_t)k * m);
    double *w = take(&scratch, double, terms * k);
    weigh(c, units, topic, k, w, scratch);
    for (int t = 0; t < k; t++)
        best_of(w + t * terms, terms, m, out.word + t * m, out.weight + t * m);
    uint8_t *seen = take(&scratch, uint8_t, terms);
    int64_t all = 0, distinct = 0;
    for (int64_t i = 0; i < (int64_t)k * m; i++) {
        if (out.word[i] < 0) continue;
        all++;
        distinct += !seen[out.word[i]];
        seen[out.word[i]] = 1;
    }
    out.diversity = all > 0 ? (double)distinct / (double)all : 0;
    for (int64_t i = 0; i < terms; i++) {
        int best = 0;
        for (int t = 1; t < k; t++)
            if (w[t * terms + i] > w[best * terms + i]) best = t;
        for (int t = 0; t < k; t++)
            if (t != best) w[t * terms + i] = 0;
    }
    memset(out.weight, 0, (size_t)k * (size_t)m * sizeof *out.weight);
    for (int t = 0; t < k; t++)
        best_of(w + t * terms, terms, m, out.word + t * m, out.weight + t * m);
    return out;
}
