/* bundle: what step 10 publishes, opened for reading: one folder, mapped, checked, indexed.
 *
 *     bundle *b;
 *     if (!bundle_open(&b, "out", e)) return false;          // out/10_serve
 *     int64_t customer = bundle_customer(b, SLICE("0042"));  // -1 = unknown
 *     bundle_close(b);
 *
 * Opening reads the manifest, checks size and SHA-256 of every file, maps the model files, checks
 * their shapes and every index in them (so a reader never has to), and builds id look-ups. It fails
 * as a whole: a bundle that opened is sound. ids.atm is required; each other file belongs to a
 * family that the shop's data may not have fed, and is absent then (`has` is false, `root` NULL).
 *
 * All pointers live as long as the bundle; nothing is written after opening, so threads share it.
 * The files stay mapped when the folder is exchanged or removed. */
#ifndef PIPELINE_BUNDLE_H
#define PIPELINE_BUNDLE_H

#include "base/hash.h"
#include "base/json.h"

typedef struct bundle_texts {
    int64_t n;
    const int64_t *at; /* [n + 1] offsets into bytes */
    const char *bytes;
} bundle_texts;

/* Open addressing: number + 1 of the row in a slot, 0 = empty; mask + 1 slots. */
typedef struct bundle_index {
    uint64_t mask;
    const int32_t *slots;
} bundle_index;

typedef struct bundle_recommend {
    bool has;
    int64_t k;              /* items per customer */
    const int32_t *items;   /* [customers, k] articles, -1 padded at the end */
    const float *scores;    /* [customers, k] */
    const uint8_t *reason;  /* [customers, k] -> reasons */
    const uint8_t *cold;    /* [customers] 1 = too little history, popular items */
    const uint8_t *model;   /* [customers] -> models */
    bundle_texts reasons, models;
    int64_t n_similar;
    const int32_t *similar; /* [articles, n_similar], -1 padded */
    const float *similar_scores;
    int64_t n_popular;
    const int32_t *popular; /* [n_popular], -1 padded */
    const float *popular_scores;
} bundle_recommend;

typedef struct bundle_segment {
    bool has;
    const int32_t *rfm;      /* [customers, 3] recency, frequency, monetary 1..5; 0 = none */
    const int32_t *rfm_name; /* [customers] -> rfm_names, -1 = none */
    const int32_t *cluster;  /* [customers] -> cluster_names, -1 = none */
    bundle_texts rfm_names, cluster_names;
} bundle_segment;

typedef struct bundle_forecast {
    bool has;
    int64_t n, weeks, past;        /* series; weeks ahead; weeks of history */
    bundle_texts level, series, model;
    const int32_t *start;          /* [n] Monday of the first forecast week, days since 1970 */
    const float *mean, *low, *high; /* [n, weeks] units a week, 80 % interval */
    const float *history;          /* [n, past] units of the weeks before start, NaN in front */
    bundle_index index;
} bundle_forecast;

typedef enum bundle_page_name {
    BUNDLE_HOME,
    BUNDLE_EVALUATION,
    BUNDLE_FUNNEL,
    BUNDLE_TRENDS,
    BUNDLE_ELASTICITY,
    BUNDLE_LANGUAGE,
    BUNDLE_SEGMENTS,
    BUNDLE_FORECASTS,
    BUNDLE_PAGES
} bundle_page_name;

typedef struct bundle_page {
    const char *file;    /* "home.json" */
    slice bytes;         /* the file */
    const js_node *root; /* an object; NULL = the bundle has no such file */
} bundle_page;

typedef struct bundle {
    scope memory;
    hash_text version;  /* SHA-256 of the manifest */
    int64_t trained_at; /* when the manifest was written, seconds since 1970 UTC */
    const char *made;   /* the same: "2026-01-31T08:00:00Z" */
    int64_t customers, articles;
    bundle_texts customer_id, article_id, article_name, article_category;
    const double *price; /* [articles] money; 0 or NaN = unknown */
    int32_t n_categories;
    slice *categories;       /* [n_categories] distinct, in order of first appearance */
    const int32_t *category; /* [articles] -> categories */
    bundle_index by_customer, by_article;
    bundle_recommend recommend;
    bundle_segment segment;
    bundle_forecast forecast;
    bundle_page pages[BUNDLE_PAGES];
} bundle;

/* Opens OUT/10_serve. Refused when it is not there, fails when it is damaged; e says which file. */
bool bundle_open(bundle **out, const char *parent, err *e);
void bundle_close(void *b); /* a closer; NULL is fine */

/* The row of an id, by the key rule of docs/datasets.md (leading zeros of a number do not count,
 * nor does space around it); -1 when unknown. */
int64_t bundle_customer(const bundle *b, slice id);
int64_t bundle_article(const bundle *b, slice id);
int32_t bundle_category(const bundle *b, slice name); /* ASCII case does not count */
int64_t bundle_series(const bundle *b, slice level, slice series);

/* The key of an id: trimmed; an all-digit id loses leading zeros (and keeps its last digit). */
slice bundle_key(slice id);

static inline slice bundle_text(const bundle_texts *t, int64_t i) {
    return (slice){t->bytes + t->at[i], (size_t)(t->at[i + 1] - t->at[i])};
}

#endif
