/* demo: writes a made-up fashion shop with planted truths, as raw files a shop would have.
 *
 *     demo_made made;
 *     demo_make("shop", (demo_params){.size = demo_size_find("small"), .seed = 1}, NULL, &made, e)
 *
 * The folder gets articles.csv, customers.csv, transactions_train.csv, reviews.csv, events.csv.gz,
 * stock.csv, truth.json (all that was planted), README.txt and manifest.json. Two years, Monday
 * 2023-10-02 to Sunday 2025-09-28. The same size and seed give the same bytes. Memory grows with
 * customers and articles, not with rows: weeks are drawn and written one after another. The folder
 * appears whole or not at all. What is planted, and how: docs/demo.md. */
#ifndef PIPELINE_DEMO_H
#define PIPELINE_DEMO_H

#include "pipeline/work.h"

typedef struct demo_size {
    const char *name, *help;
    int32_t customers, articles, styles;
    double pace;         /* factor on every order rate */
    double review_share; /* of purchase lines */
    int event_weeks;     /* the last weeks that the web log keeps */
    int memory;          /* last articles that a customer will not buy again by chance */
} demo_size;

extern const demo_size demo_sizes[4];
const demo_size *demo_size_find(const char *name); /* NULL when there is none */

typedef struct demo_params {
    const demo_size *size;
    uint64_t seed;
    bool force; /* replace a folder even when it is not a demo shop */
} demo_params;

typedef struct demo_made {
    int n;
    struct {
        const char *file;
        int64_t rows, dirty; /* data rows in all; of these, rows that are wrong on purpose */
    } files[6];
} demo_made;

/* Refuses a `dir` that is a file, or a folder that holds anything else than a demo shop unless
 * p.force; fails when the system does (disk full, no permission). `show` may be NULL. */
bool demo_make(const char *dir, demo_params p, const progress *show, demo_made *made, err *e);

#endif
