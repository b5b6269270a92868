/* rerank: what diversity and calibration cost: MAP@12 of the test window against likeness of lists.
 *
 *     rerank OUT      a finished run; fits on the days before its test window and re-ranks the
 *                     100 best candidates of the customers who buy in it
 *
 * Prints a line per setting: MAP@12, mean likeness of two listed articles, mean KL divergence of
 * the list's categories from the customer's, categories and distinct articles shown. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/metrics_rank.h"
#include "models/recommend/rerank.h"
#include "pipeline/recommend_rank.h"

enum { K = 12, POOL = 100 };

static bool open_views(db *d, const char *out, const char *step, arena *keep, err *e) {
    char *path = arena_text(keep, "%s/%s", out, step);
    DIR *dir = opendir(path);
    bool done = dir != NULL || fail_file(e, "read folder", path);
    for (struct dirent *f; done && (f = readdir(dir)) != NULL;) {
        size_t n = strlen(f->d_name);
        if (n < 9 || strcmp(f->d_name + n - 8, ".parquet") != 0) continue;
        done = db_runf(d, e, "CREATE VIEW %.*s AS SELECT * FROM read_parquet('%s/%s')",
                       (int)n - 8, f->d_name, path, f->d_name);
    }
    if (dir) closedir(dir);
    return done;
}

typedef struct trial {
    const recommend_data *d;
    const recommend_units *u;
    const recommend_ranked *r;
    const rerank_articles *a;
    const float *taste; /* [units, categories] */
} trial;

static void try_one(const trial *t, const char *name, rerank_params p, arena scratch) {
    double map = 0, same = 0, apart = 0;
    int64_t shown = 0, groups = 0, units = t->u->n;
    uint8_t *seen = take(&scratch, uint8_t, t->d->articles);
    for (int64_t u = 0; u < units; u++) {
        rerank_place to[K];
        int32_t list[K];
        rerank_candidates c = {.item = t->r->ids + u * POOL, .score = t->r->scores + u * POOL,
                               .taste = t->taste + u * t->a->categories};
        while (c.n < POOL && c.item[c.n] >= 0) c.n++;
        int n = rerank_list(t->a, &c, p, to, scratch);
        for (int i = 0; i < n; i++) {
            list[i] = to[i].item;
            shown += !seen[list[i]];
            seen[list[i]] = 1;
            int before = 0;
            for (int j = 0; j < i; j++)
                before += t->a->category[list[j]] == t->a->category[list[i]];
            groups += before == 0;
        }
        const sparse *truth = &t->u->truth;
        map += metrics_rank_one(list, n, truth->col + truth->at[u], sparse_degree(truth, u), K).ap;
        same += rerank_sameness(t->a, list, n);
        apart += rerank_imbalance(t->a, c.taste, p.epsilon, list, n, scratch);
    }
    printf("%-18s MAP@12 %.4f  likeness %.4f  KL %.3f  categories %.2f  articles %lld\n", name,
           map / (double)units, same / (double)units, apart / (double)units,
           (double)groups / (double)units, (long long)shown);
}

/* Shares of the categories in the purchases before the cut-off, 1/2 after 90 days as in serving. */
static float *tastes(const recommend_data *d, const recommend_units *u, int32_t cutoff,
                     arena *keep, arena scratch) {
    int32_t *row = take(&scratch, int32_t, d->customers);
    float *taste = take(keep, float, u->n * d->category.n);
    double *sum = take(&scratch, double, u->n);
    for (int64_t i = 0; i < u->n; i++) row[u->customers[i]] = (int32_t)i + 1;
    for (int64_t i = 0; i < d->n; i++) {
        int64_t at = row[d->customer[i]] - 1;
        if (at < 0 || d->day[i] >= cutoff) continue;
        double w = __builtin_exp2(-(double)(cutoff - 1 - d->day[i]) / 90);
        taste[at * d->category.n + d->category.code[d->article[i]]] += (float)w;
        sum[at] += w;
    }
    for (int64_t i = 0; i < u->n * d->category.n; i++)
        if (sum[i / d->category.n] > 0) taste[i] /= (float)sum[i / d->category.n];
    return taste;
}

static bool run(const char *out, scope *s, err *e) {
    work w = {.out = out, .n_threads = 2, .memory_mb = 2048, .seed = 1};
    recommend_data d;
    recommend_fit m;
    recommend_ranked r;
    w.threads = pool_open(2, (size_t)256 << 20, e);
    if (!w.threads ||
        !db_open(&w.d, (db_params){2, 2048, arena_text(&s->keep, "%s/.spill-bench", out)}, e) ||
        !open_views(w.d, out, "02_clean", &s->keep, e) ||
        !open_views(w.d, out, "03_datasets", &s->keep, e) ||
        !open_views(w.d, out, "04_features", &s->keep, e) || !work_windows(&w, e) ||
        !recommend_load(&d, &w, w.days.end, &s->keep, s->scratch, e) ||
        !recommend_fit_all(&m, &d, recommend_defaults(1), w.days.test_from, w.threads, &s->keep,
                           s->scratch, e))
        return false;
    recommend_units u = recommend_buyers(&d, w.days.test_from, w.days.end, INT64_MAX, &s->keep,
                                         s->scratch);
    if (!recommend_rank(&m, (recommend_ask){u.customers, u.n, POOL, false}, &r, w.threads,
                        &s->keep, s->scratch, e))
        return false;
    rerank_articles a = {.n = d.articles, .product = d.product.code, .category = d.category.code,
                         .categories = d.category.n, .vectors = m.has_als ? m.als.item : NULL,
                         .ld = m.als.ld, .content = &d.vectors};
    trial t = {&d, &u, &r, &a, tastes(&d, &u, w.days.test_from, &s->keep, s->scratch)};
    printf("%lld customers, the 100 best candidates of each\n", (long long)u.n);
    static const double shares[] = {0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7};
    for (int i = 0; i < 7; i++) {
        rerank_params p = RERANK_DEFAULTS;
        p.diversity = shares[i];
        try_one(&t, arena_text(&s->keep, "diversity %.2f", shares[i]), p, s->scratch);
    }
    for (int i = 1; i < 7; i++) {
        rerank_params p = RERANK_DEFAULTS;
        p.calibration = shares[i];
        try_one(&t, arena_text(&s->keep, "calibration %.2f", shares[i]), p, s->scratch);
    }
    rerank_params one = RERANK_DEFAULTS;
    one.most_product = 1;
    try_one(&t, "one of a product", one, s->scratch);
    pool_close(w.threads);
    return true;
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    if (argc != 2) return fprintf(stderr, "rerank OUT\n"), 2;
    if (!scope_open(&s, (size_t)8 << 30, (size_t)4 << 30, &e) || !run(argv[1], &s, &e))
        return fprintf(stderr, "%s\n", e.text), 1;
    scope_close(&s);
    return 0;
}
