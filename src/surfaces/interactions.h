/* interactions: a table of who took what (user, item, weight?, time?) for the recommend verbs. */
#ifndef SURFACES_INTERACTIONS_H
#define SURFACES_INTERACTIONS_H

#include "models/recommend/recommender.h"
#include "surfaces/verbs.h"

/* Options of a model, for the tables of verbs. */
#define INTERACTIONS_OPTIONS                                                                       \
    {"item-features", OPTION_TEXT, "FILE", "table of attributes of items: als-features, content"}, \
    {"user-features", OPTION_TEXT, "FILE", "table of attributes of users: als-features"},          \
    {"group", OPTION_TEXT, "COLUMN", "popular-group: column of --user-features; numbers in tens"}, \
    {"factors", OPTION_INT, "N", "als, bpr: latent factors (64)", .low = 1, .high = 1024},         \
    {"iterations", OPTION_INT, "N", "als: sweeps (16)", .low = 1, .high = 1000},                   \
    {"reg", OPTION_REAL, "X", "als: regularisation (0.003)", .low = 1e-9, .high = 1e6},            \
    {"alpha", OPTION_REAL, "X", "als: weight of a pair that was not seen (0.03)",                  \
     .low = 1e-6, .high = 1000},                                                                   \
    {"objective", OPTION_CHOICE, "ials|implicit", "als: its own objective or PyPI implicit's, "    \
     "whose alpha (1) and regularization (0.01) --alpha and --reg then are", .value = "ials"},     \
    {"half-life", OPTION_REAL, "DAYS", "age at which an interaction counts half (0: never)",       \
     .value = "0", .low = 0, .high = 1e6},                                                         \
    {"recency", OPTION_REAL, "X", "models from item to item: factor for each newer step",          \
     .low = 0.001, .high = 1},                                                                     \
    {"neighbours", OPTION_INT, "N", "models from item to item: similar items kept",                \
     .low = 1, .high = 4096},                                                                      \
    {"set", OPTION_TEXT, "NAME=X,…", "parameters of models by name, such as knn.shrink=10"},       \
    {"blend", OPTION_TEXT, "NAME=W,…",                                                             \
     "hybrid: its models and their weights, such as knn=1,session=0.5"},                           \
    {"tune", OPTION_FLAG, NULL, "choose the model's parameters on a validation split first"}

extern const char *const interactions_words[2]; /* "user", "item", by als_side */

/* The model of that name, or a refusal that lists all names. */
const recommender *interactions_model(slice name, scope *s, err *e);

typedef struct interactions {
    int64_t users, items, n;
    int32_t *user, *item; /* [n] dense, in the order of time (no time first), then of lines */
    float *weight;        /* [n] 1 where the table has none */
    int32_t *day;         /* [n] days since 1970; 0 where the table has none */
    int64_t *moment;      /* [n] microseconds since 1970; INT64_MIN where the table has none */
    bool has_time;
    bool unordered; /* no time, and each user's lines are sorted by item: they tell no order */
    slice *user_id, *item_id; /* [users], [items] in the order (length, id) */
    const sparse *features[2]; /* by als_side: of attribute_tables, NULL = none */
    const int32_t *group;      /* [users] of attribute_tables, NULL = none */
    int groups;
} interactions;

/* The users and items of --user-features and --item-features join the numbering of the
 * interactions_read that follows: who or what is new gets lists or is listed. */
bool interactions_join(const args *a, bench *b, err *e);

/* Reads --in, and with_test (may be NULL) whose ids join the numbering, into test. */
bool interactions_read(const args *a, bench *b, interactions *all, const char *with_test,
                       interactions *test, scope *s, js *out, err *e);

/* The column of --in of that name: user, item, weight, time. */
const contract_column *interactions_column(const char *name);

/* The defaults with the options of INTERACTIONS_OPTIONS; refuses what --set or --blend names
 * wrongly. */
bool interactions_params(const args *a, const bench *b, recommender_params *p, scope *s, err *e);

/* Matrices and sequences of the rows with used[i] (NULL = all), in keep. */
recommender_data interactions_data(const interactions *x, const uint8_t *used, const args *a,
                                   arena *keep, arena scratch);

#endif
