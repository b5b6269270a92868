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
#include "models/recommend/session.h"
#include "models/recommend/topk.h"
#include "pipeline/recommend_taste.h"
#include "pipeline/search.h"
#include "pipeline/sentiment_file.h"

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

/* Sources of a list made at request time: those of recommend_models.h, then sessions like this. */
enum { BUNDLE_SESSION = RECOMMEND_SOURCES, BUNDLE_LIVE };

enum { BUNDLE_VISIT = 50 }; /* most articles of a session */

/* How sessions are compared: with 500 of an article at most, so that it fits a request's memory. */
#define BUNDLE_SESSIONS                                                                            \
    ((session_params){.recent = 500, .k = 200, .last = 10, .decay = 0.8f, .near = 0.8f,            \
                      .rarity = 0.5f})

enum { BUNDLE_TOP = 3 }; /* parts of a score that are kept for each listed article */

/* For which sources: factors, relations between articles, own purchases, looks. */
typedef enum bundle_half {
    BUNDLE_HALF_TASTE,
    BUNDLE_HALF_NEAR,
    BUNDLE_HALF_OWN,
    BUNDLE_HALF_LOOKS,
    BUNDLE_HALVES
} bundle_half;

/* Articles related to each article. */
typedef struct bundle_related {
    int64_t k;
    const int32_t *items; /* [articles, k], -1 padded */
    const float *scores;
} bundle_related;

/* One list for everybody, best first. */
typedef struct bundle_ranking {
    int64_t n;
    const int32_t *items; /* [n], -1 padded */
    const float *scores;
} bundle_ranking;

/* Numbers of the factors' model, in this order in the array `als`. */
typedef enum bundle_als {
    BUNDLE_ALS_FACTORS, /* 0 = the shop has none */
    BUNDLE_ALS_LAMBDA,
    BUNDLE_ALS_NU,
    BUNDLE_ALS_ALPHA0,
    BUNDLE_ALS_TARGET,
    BUNDLE_ALS_ITEMS, /* articles that took part in the fit */
    BUNDLE_ALS
} bundle_als;

/* What happened between customers and articles: rows by customer, article, day. */
typedef struct bundle_log {
    const int64_t *at; /* [customers + 1] */
    const int32_t *item, *day;
    const float *weight;
} bundle_log;

typedef struct bundle_recommend {
    bool has;
    int64_t k;              /* items per customer */
    const int32_t *items;   /* [customers, k] articles, -1 padded at the end */
    const float *scores;    /* [customers, k] */
    const uint8_t *part;    /* [customers, k BUNDLE_TOP] -> parts: the largest of each score */
    const float *part_value; /* the same shape; 0 = no such part */
    const uint8_t *cold;    /* [customers] 1 = too little history, popular items */
    const uint8_t *model;   /* [customers] -> models */
    const uint8_t *segment; /* [customers] -> segments */
    bundle_texts parts, models, segments;
    bundle_related similar, together;
    bundle_ranking popular, trending;
    bundle_log history, looks; /* bought; looked at in the last days */
    /* for lists made at request time */
    const int32_t *band;       /* [customers] of age, -1 = not known */
    const int32_t *band_items; /* [RECOMMEND_BANDS + 1, RECOMMEND_WIDTH] the last for all ages */
    const float *band_scores;
    sparse content, related, variants, next; /* [articles, articles] related: bought together */
    sparse in_kind, arrivals;                /* [kinds, articles] */
    const int32_t *kind;                     /* [articles] */
    recommend_data of_articles; /* groups, for `tasted` */
    recommend_fit fit;          /* the same */
    recommend_tasted tasted;
    session_model sessions;                  /* 0 sessions: the shop has none */
    als_model als;           /* without customers; ld 0 = none */
    topk_index taste;        /* of the articles that still sell: y_i trend_i */
    const float *trend;      /* [articles] what taste is multiplied by; 0 = not sold any more */
    const float *weight;     /* [BUNDLE_LIVE] of the sources; that of sessions is the last */
    const int32_t *live_part; /* [BUNDLE_LIVE] -> parts */
    const double *half_life; /* [BUNDLE_HALVES] days after which a purchase counts half */
} bundle_recommend;

/* What one customer is expected to do and be worth, in this order in `value`; NaN = not known. */
typedef enum bundle_value {
    BUNDLE_P_ALIVE,
    BUNDLE_EXPECTED_PURCHASES,
    BUNDLE_EXPECTED_MONEY,
    BUNDLE_CLV,
    BUNDLE_CLV_LOW,
    BUNDLE_CLV_HIGH,
    BUNDLE_VALUES
} bundle_value;

enum { BUNDLE_METHODS = 8 }; /* most ways to segment */

typedef struct bundle_method {
    slice name;              /* "rfm", "kmeans", "gmm", "hdbscan" */
    bundle_texts ids, names; /* of its segments, by index */
} bundle_method;

/* What the customers of each segment buy of late (segment_bought.h). */
typedef struct bundle_bought {
    int64_t k;
    const int32_t *items; /* [segments, k] best first, -1 padded; NULL = not published */
    const float *scores, *shares, *lifts; /* the same shape */
} bundle_bought;

typedef struct bundle_segment {
    bool has;
    const int32_t *rfm;      /* [customers, 3] recency, frequency, monetary 1..5; 0 = none */
    const int32_t *rfm_name; /* [customers] -> rfm_names, -1 = none */
    const int32_t *cluster;  /* [customers] -> cluster_names, -1 = none */
    bundle_texts rfm_names, cluster_names;
    int64_t n_methods;
    bundle_method methods[BUNDLE_METHODS];
    const int32_t *of;     /* [customers, n_methods] -> segments of the method, -1 = none */
    const float *strength; /* the same shape, 0..1; NULL = not known */
    const float *outlier;  /* [customers] 0..1, NaN = none; NULL = not known */
    const float *value;    /* [customers, BUNDLE_VALUES]; NULL = not known */
    const double *measures; /* [customers, 3], and days with a sale from days[days_at[c]] on, as
                             * segment_history.h has them; NULL = not known */
    const int64_t *days_at; /* [customers + 1] */
    const int32_t *days;
    int64_t first[BUNDLE_METHODS]; /* row of a method's first segment in `bought` */
    bundle_bought bought;
} bundle_segment;

typedef struct bundle_forecast {
    bool has;
    int64_t n, weeks, past;        /* series; weeks ahead; weeks of history */
    bundle_texts level, series, model;
    bundle_texts detections;       /* JSON of forecast_parts.h, or empty */
    bundle_texts guards;           /* names of guard.h that acted, separated by spaces */
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
    BUNDLE_PRICES,
    BUNDLE_BASKETS,
    BUNDLE_PRODUCTS,
    BUNDLE_DATA,
    BUNDLE_KPIS,
    BUNDLE_BESIDE,
    BUNDLE_INSIGHTS,
    BUNDLE_LANGUAGE,
    BUNDLE_SEGMENTS,
    BUNDLE_FORECASTS,
    BUNDLE_TOPICS,
    BUNDLE_ASPECTS,
    BUNDLE_TOXICITY,
    BUNDLE_REVIEWS,
    BUNDLE_ALERTS,
    BUNDLE_PAGES
} bundle_page_name;

typedef struct bundle_page {
    const char *file;    /* "home.json" */
    slice bytes;         /* the file */
    const js_node *root; /* an object; NULL = the bundle has no such file */
} bundle_page;

/* No day at all, and the first and last of the years 1 to 9999. */
enum { BUNDLE_NO_DAY = INT32_MIN, BUNDLE_DAYS_FROM = -719162, BUNDLE_DAYS_TO = 2932896 };
typedef enum bundle_stock {
    BUNDLE_SOLD_OUT,
    BUNDLE_IN_STOCK,
    BUNDLE_STOCK_UNKNOWN,
    BUNDLE_STOCKS
} bundle_stock;

/* The event log (events_file.h). */
enum { BUNDLE_EVENT_NAME, BUNDLE_EVENT_CATEGORY, BUNDLE_EVENT_CHANNEL, BUNDLE_EVENT_PLATFORM,
       BUNDLE_EVENT_WORDS };
enum { BUNDLE_BY_VISITOR, BUNDLE_BY_SESSION, BUNDLE_EVENT_UNITS };
enum { BUNDLE_EVENT_NAMES = 40 }; /* most names of one word */
extern const char *const bundle_event_words[BUNDLE_EVENT_WORDS]; /* event, category, … */
extern const char *const bundle_event_units[BUNDLE_EVENT_UNITS]; /* visitor, session */

typedef struct bundle_event_log {
    int64_t units, n;
    int64_t start, end;                       /* times of the first and last event */
    const int64_t *at, *time;                 /* [units + 1], [n] */
    bitmap tied;                              /* [units] that have two events of one time */
    const uint8_t *code[BUNDLE_EVENT_WORDS];  /* [n] -> names */
    bundle_texts names[BUNDLE_EVENT_WORDS];
} bundle_event_log;

typedef struct bundle_events {
    bool has;
    int64_t start, end;     /* those of the log by visitor */
    const int32_t *visitor; /* [sessions] whose each is; equal ones side by side */
    bundle_event_log log[BUNDLE_EVENT_UNITS];
} bundle_events;

typedef struct bundle {
    scope memory;
    hash_text version;  /* SHA-256 of the manifest */
    int64_t trained_at; /* when the manifest was written, seconds since 1970 UTC */
    const char *made;   /* the same: "2026-01-31T08:00:00Z" */
    int64_t customers, articles;
    bundle_texts customer_id, article_id, article_name, article_category, article_type,
        article_colour, article_product;
    const double *price;      /* [articles] money; 0 or NaN = unknown */
    const int32_t *first_day; /* [articles] launched or first sold; BUNDLE_NO_DAY = unknown */
    const uint8_t *stock;     /* [articles] bundle_stock */
    const int32_t *end;       /* [1] the day after the last one that was known */
    const uint8_t *is_new;    /* [articles] first day within four weeks before the end */
    const int32_t *product;   /* [articles] number of the product (recommend_data.h) */
    const int32_t *variants_at, *variants; /* [products + 1], articles of each product */
    int32_t n_categories;
    slice *categories;       /* [n_categories] distinct, in order of first appearance */
    const int32_t *category; /* [articles] -> categories */
    const int32_t *type;     /* [articles] equal numbers are one type; -1 = not known */
    bundle_index by_customer, by_article;
    bundle_recommend recommend;
    bundle_segment segment;
    bundle_events events;
    bundle_forecast forecast;
    const sentiment_file *sentiment; /* learnt from this shop's reviews; NULL = none */
    search_index search; /* of the articles' texts */
    bundle_texts article_reviews; /* [articles] JSON members, empty = none; n = 0: no such file */
    bundle_page pages[BUNDLE_PAGES];
    slice weekly; /* weekly.html; n = 0: no such file */
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
int bundle_method_of(const bundle *b, slice name);
int64_t bundle_segment_find(const bundle *b, slice id, int *method); /* its index by *method */

/* The key of an id: trimmed; an all-digit id loses leading zeros (and keeps its last digit) and
 * the ".0" of a program that kept it as a number. */
slice bundle_key(slice id);

static inline slice bundle_text(const bundle_texts *t, int64_t i) {
    return (slice){t->bytes + t->at[i], (size_t)(t->at[i + 1] - t->at[i])};
}

#endif
