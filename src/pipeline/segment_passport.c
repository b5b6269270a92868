/* segment_passport: what tells one segment from the rest: rule, traits, categories, web, moves. */
#include <math.h>
#include <string.h>

#include "models/segment/drift.h"
#include "models/segment/migration.h"
#include "models/segment/rules.h"
#include "pipeline/segment_parts.h"
#include "pipeline/segment_prices.h"
#include "pipeline/segment_words.h"

enum { ROWS = 20000, SHOWN = 4, TOP = 8, A_MONTH = 28, LEAST_UNITS = 10 };

/* What the passports of one method are written from. */
typedef struct desk {
    const segment_present *p;
    const segment_method *m;
    int64_t n;           /* rows looked at, evenly spread */
    double *x;           /* [cols, n] features */
    double *sd;          /* [cols] */
    int32_t *label;      /* [n] */
    rules_rule *rules;   /* [k] */
    double fidelity;
    columns categories;  /* segment, category, units: in that order */
    columns web;         /* segment, sessions, views, carts, purchases */
    columns panel;       /* segment_prices_open */
    segment_price *prices; /* [k] */
    double *moves;       /* [k + 1, k + 1] of the last four weeks, NULL = not known */
} desk;

/* ---- the rule ---- */

static const char *label_of(const char *feature) {
    const segment_word *word = segment_word_of(feature);
    return word ? word->label : feature;
}

static void put_rule(js *out, const desk *d, int c, const char *day, scope *s) {
    const rules_rule *r = &d->rules[c];
    text said = {0}, sql = {0};
    text_addf(&sql, "SELECT customer FROM customer_features WHERE as_of = DATE '%s'", day);
    js_object(out, "rule");
    js_array(out, "conditions");
    for (int i = 0; i < r->n; i++) {
        const char *feature = d->p->b.names[r->at[i].feature];
        double raw = segment_word_raw(segment_word_of(feature), r->at[i].threshold);
        raw = round(raw * 1000) / 1000;
        text_addf(&said, "%s%s %s %.10g", i ? " and " : "", label_of(feature),
                  r->at[i].at_least ? "at least" : "under", raw);
        text_addf(&sql, " AND f_%s %s %.17g", feature, r->at[i].at_least ? ">=" : "<",
                  r->at[i].threshold);
        js_object(out, NULL);
        js_put_word(out, "feature", feature);
        js_put_word(out, "op", r->at[i].at_least ? ">=" : "<");
        js_put_real(out, "value", raw);
        js_end(out);
    }
    js_end(out);
    if (r->n == 0) text_addf(&said, "every customer: no rule tells this segment apart");
    js_put_text(out, "sentence", text_slice(&said));
    js_put_text(out, "sql", text_slice(&sql));
    js_put_fixed(out, "precision", r->precision, 4);
    js_put_fixed(out, "recall", r->recall, 4);
    js_put_fixed(out, "fidelity", d->fidelity, 4);
    js_put_int(out, "customers", r->rows);
    js_end(out);
    text_free(&said);
    text_free(&sql);
    (void)s;
}

/* ---- the traits ---- */

typedef struct trait {
    int feature;
    double mean, rest, z, distance; /* means in the feature's unit, z and distance in sd */
} trait;

static int stronger(const trait *a, const trait *b) {
    double left = fabs(a->z), right = fabs(b->z);
    return left != right ? left > right : a->feature < b->feature;
}

/* The values of a feature in the segment and outside, side by side in at [n]; how many within. */
static int64_t part(const desk *d, int c, int j, double *within, double *outside) {
    int64_t in = 0, out = 0;
    const double *x = d->x + (int64_t)j * d->n;
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] == c) within[in++] = x[i];
        else outside[out++] = x[i];
    return in;
}

static double mean_of(const double *x, int64_t n, const segment_word *word, bool raw) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(x[i])) sum += raw ? segment_word_raw(word, x[i]) : x[i], count++;
    return count ? sum / (double)count : 0;
}

static trait *traits_of(const desk *d, int c, arena *keep, arena scratch) {
    int cols = d->p->b.cols;
    trait *all = take(keep, trait, cols);
    double *a = take(&scratch, double, d->n), *b = take(&scratch, double, d->n);
    for (int j = 0; j < cols; j++) {
        const segment_word *word = segment_word_of(d->p->b.names[j]);
        int64_t in = part(d, c, j, a, b), rest = d->n - in;
        trait t = {.feature = j, .mean = mean_of(a, in, word, true),
                   .rest = mean_of(b, rest, word, true)};
        if (d->sd[j] > 0) {
            t.z = (mean_of(a, in, word, false) - mean_of(b, rest, word, false)) / d->sd[j];
            t.distance = drift_wasserstein(a, in, b, rest, scratch) / d->sd[j];
        }
        int at = j;
        for (; at > 0 && stronger(&t, &all[at - 1]); at--) all[at] = all[at - 1];
        all[at] = t;
    }
    return all;
}

static void put_traits(js *out, const desk *d, const trait *all) {
    js_array(out, "traits");
    for (int j = 0; j < d->p->b.cols; j++) {
        const char *feature = d->p->b.names[all[j].feature];
        const segment_word *word = segment_word_of(feature);
        js_object(out, NULL);
        js_put_word(out, "feature", feature);
        js_put_word(out, "label", label_of(feature));
        js_put_fixed(out, "mean", all[j].mean, 4);
        js_put_fixed(out, "rest", all[j].rest, 4);
        js_put_word(out, "unit", word ? word->unit : "");
        js_put_fixed(out, "z", all[j].z, 4);
        js_put_fixed(out, "wasserstein", all[j].distance, 4);
        js_end(out);
    }
    js_end(out);
}

static void put_shares(js *out, const char *key, const double *share, int n) {
    js_array(out, key);
    for (int i = 0; i < n; i++) js_put_fixed(out, NULL, share[i], 5);
    js_end(out);
}

static void put_distributions(js *out, const desk *d, int c, const trait *all, arena scratch) {
    double *a = take(&scratch, double, d->n), *b = take(&scratch, double, d->n);
    js_array(out, "distributions");
    for (int k = 0; k < SHOWN && k < d->p->b.cols; k++) {
        int j = all[k].feature;
        double share[DRIFT_BINS];
        const segment_word *word = segment_word_of(d->p->b.names[j]);
        drift_bins bins = drift_cut(d->x + (int64_t)j * d->n, d->n, scratch);
        int64_t in = part(d, c, j, a, b);
        js_object(out, NULL);
        js_put_word(out, "feature", d->p->b.names[j]);
        js_put_word(out, "label", label_of(d->p->b.names[j]));
        js_array(out, "edges");
        for (int i = 0; i <= bins.n; i++)
            js_put_fixed(out, NULL, segment_word_raw(word, bins.edges[i]), 4);
        js_end(out);
        drift_share(&bins, a, in, share);
        put_shares(out, "segment", share, bins.n);
        drift_share(&bins, b, d->n - in, share);
        put_shares(out, "rest", share, bins.n);
        js_end(out);
    }
    js_end(out);
}

/* ---- what they buy, how they come, where they move ---- */

static void put_categories(js *out, const desk *d, int c) {
    const int32_t *segment = columns_i32(&d->categories, "segment");
    const slice *name = columns_text(&d->categories, "category");
    const double *units = columns_real(&d->categories, "units");
    const double *share = columns_real(&d->categories, "share");
    const double *lift = columns_real(&d->categories, "lift");
    const int64_t *customers = columns_i64(&d->categories, "customers");
    int shown = 0;
    js_array(out, "categories");
    for (int64_t i = 0; i < d->categories.rows && shown < TOP; i++) {
        if (segment[i] != c || units[i] < LEAST_UNITS) continue;
        js_object(out, NULL);
        js_put_text(out, "category", name[i]);
        js_put_fixed(out, "share", share[i], 5);
        js_put_fixed(out, "lift", lift[i], 4);
        js_put_int(out, "customers", customers[i]);
        js_end(out);
        shown++;
    }
    js_end(out);
}

static double ratio(double a, double b) { return b > 0 ? a / b : NAN; }

static void put_rates(js *out, const double n[3]) {
    js_put_real(out, "view_to_cart", ratio(n[1], n[0]));
    js_put_real(out, "cart_to_buy", ratio(n[2], n[1]));
    js_put_real(out, "view_to_buy", ratio(n[2], n[0]));
}

/* The step that costs a segment most: what it would have bought more, had it gone on from there as
 * often as all others do, the steps after it as they were. null where it loses at none. */
static void put_loss(js *out, const double own[3], const double rest[3]) {
    static const char *const steps[] = {"view_to_cart", "cart_to_buy"};
    int worst = -1;
    double most = 0;
    for (int k = 0; k < 2; k++) {
        double usual = ratio(rest[k + 1], rest[k]), is = ratio(own[k + 1], own[k]);
        double more = is > 0 ? own[2] * (usual / is - 1) : 0;
        if (more > most) most = more, worst = k;
    }
    if (worst < 0) {
        js_put_null(out, "loss");
        return;
    }
    js_object(out, "loss");
    js_put_word(out, "step", steps[worst]);
    js_put_fixed(out, "purchases", most, 1);
    js_end(out);
}

static void put_funnel(js *out, const desk *d, int c) {
    static const char *const steps[] = {"views", "carts", "purchases"};
    double own[3] = {0}, rest[3] = {0}, sessions = 0;
    const int32_t *segment = columns_i32(&d->web, "segment");
    for (int64_t i = 0; i < d->web.rows; i++) {
        if (segment[i] == c) sessions = (double)columns_i64(&d->web, "sessions")[i];
        for (int k = 0; k < 3; k++)
            (segment[i] == c ? own : rest)[k] += (double)columns_i64(&d->web, steps[k])[i];
    }
    if (own[0] == 0) {
        js_put_null(out, "funnel");
        return;
    }
    js_object(out, "funnel");
    js_put_fixed(out, "sessions", sessions, 0);
    put_rates(out, own);
    put_loss(out, own, rest);
    js_object(out, "rest");
    put_rates(out, rest);
    js_end(out);
    js_end(out);
}

static double raw_mean(const desk *d, const trait *all, const char *feature, bool rest) {
    for (int j = 0; j < d->p->b.cols; j++)
        if (strcmp(d->p->b.names[all[j].feature], feature) == 0)
            return rest ? all[j].rest : all[j].mean;
    return NAN;
}

static void put_basket(js *out, const desk *d, int c, const trait *all) {
    const segment_price *answer = &d->prices[c];
    js_object(out, "price");
    js_put_real(out, "discount_share", raw_mean(d, all, "discount", false));
    js_put_real(out, "discount_share_rest", raw_mean(d, all, "discount", true));
    js_put_fixed(out, "elasticity", answer->elasticity, 4);
    js_put_fixed(out, "elasticity_low", answer->low, 4);
    js_put_fixed(out, "elasticity_high", answer->high, 4);
    js_end(out);
    js_object(out, "basket");
    js_put_real(out, "units_an_order", raw_mean(d, all, "basket", false));
    js_put_real(out, "avg_price", raw_mean(d, all, "price", false));
    js_end(out);
}

static void put_flow(js *out, const desk *d, const char *key, int c, bool in) {
    int k = d->m->k;
    slice elsewhere = d->m->outlier ? SLICE("in none, or not yet a customer")
                                    : SLICE("not yet a customer");
    js_array(out, key);
    for (int o = 0; o <= k; o++) {
        double n = in ? d->moves[o * (k + 1) + c] : d->moves[c * (k + 1) + o];
        if (o == c || n == 0) continue;
        js_object(out, NULL);
        js_put_text(out, "id", o < k ? d->m->ids[o] : SLICE("none"));
        js_put_text(out, "name", o < k ? d->m->names[o] : elsewhere);
        js_put_fixed(out, "customers", n, 0);
        js_end(out);
    }
    js_end(out);
}

static void put_moves(js *out, const desk *d, int c, const work *w, scope *s) {
    if (!d->moves) return;
    js_object(out, "migration");
    js_put_word(out, "from", day_text(&s->keep, w->days.end - A_MONTH));
    js_put_word(out, "to", day_text(&s->keep, w->days.end));
    put_flow(out, d, "in", c, true);
    put_flow(out, d, "out", c, false);
    js_put_fixed(out, "stayed", d->moves[c * (d->m->k + 1) + c], 0);
    js_end(out);
}

/* ---- reading ---- */

static bool ask(desk *d, int g, work *w, scope *s, err *e) {
    const char *end = day_text(&s->keep, w->days.end);
    return db_query(w->d, &s->keep, &d->categories, e,
                    "WITH counted AS (SELECT l.segment, a.category, sum(t.quantity) AS units, "
                    "count(DISTINCT t.customer) AS customers FROM transactions t "
                    "JOIN articles a ON a.article = t.article "
                    "JOIN segment_labels l ON l.customer = t.customer "
                    "WHERE l.method = %d AND t.quantity > 0 AND t.day < DATE '%s' "
                    "AND a.category IS NOT NULL GROUP BY l.segment, a.category), "
                    "shares AS (SELECT *, CAST(units AS DOUBLE) / sum(units) OVER (PARTITION BY "
                    "segment) AS share, CAST(sum(units) OVER (PARTITION BY category) AS DOUBLE) / "
                    "sum(units) OVER () AS usual FROM counted) "
                    "SELECT segment, category, CAST(units AS DOUBLE) AS units, share, "
                    "share / usual AS lift, customers FROM shares "
                    "ORDER BY segment, lift DESC, category", g, end) &&
           db_query(w->d, &s->keep, &d->web, e,
                    "SELECT l.segment, count(DISTINCT e.session) AS sessions, "
                    "count(*) FILTER (WHERE e.event = 'view') AS views, "
                    "count(*) FILTER (WHERE e.event = 'cart_add') AS carts, "
                    "count(*) FILTER (WHERE e.event = 'purchase') AS purchases "
                    "FROM f_events e JOIN segment_labels l ON l.customer = e.customer "
                    "WHERE l.method = %d GROUP BY l.segment ORDER BY l.segment", g);
}

/* Features of evenly spread rows, column by column, with their standard deviations. */
static void spread(desk *d, scope *s) {
    const segment_block *b = &d->p->b;
    d->n = b->n < ROWS ? b->n : ROWS;
    d->x = take(&s->keep, double, d->n *b->cols);
    d->sd = take(&s->keep, double, b->cols);
    for (int j = 0; j < b->cols; j++) {
        double *x = d->x + (int64_t)j * d->n, square = 0;
        for (int64_t i = 0; i < d->n; i++) x[i] = b->features[i * b->n / d->n * b->cols + j];
        double mean = mean_of(x, d->n, NULL, false);
        int64_t count = 0;
        for (int64_t i = 0; i < d->n; i++)
            if (!isnan(x[i])) square += (x[i] - mean) * (x[i] - mean), count++;
        d->sd[j] = count ? sqrt(square / (double)count) : 0;
    }
}

static void put_passport(js *out, const desk *d, int c, const work *w, scope *s) {
    trait *all = traits_of(d, c, &s->keep, s->scratch);
    js_object(out, NULL);
    js_put_text(out, "id", d->m->ids[c]);
    js_put_word(out, "method", d->m->name);
    js_put_text(out, "name", d->m->names[c]);
    put_rule(out, d, c, day_text(&s->keep, w->days.end), s);
    put_traits(out, d, all);
    put_distributions(out, d, c, all, s->scratch);
    put_categories(out, d, c);
    put_funnel(out, d, c);
    put_basket(out, d, c, all);
    put_moves(out, d, c, w, s);
    js_end(out);
}

static bool put_method(js *out, desk *d, int g, work *w, scope *s, err *e) {
    const segment_present *p = d->p;
    d->m = &p->methods[g];
    d->prices = take(&s->keep, segment_price, d->m->k);
    if (!ask(d, g, w, s, e) ||
        !segment_prices_of(d->prices, d->m->k, g, &d->panel, w, s, e))
        return false;
    d->label = take(&s->keep, int32_t, d->n);
    int64_t *members = take(&s->keep, int64_t, d->m->k);
    for (int64_t i = 0; i < d->n; i++) {
        d->label[i] = d->m->label[i * p->b.n / d->n];
        if (d->label[i] >= 0) members[d->label[i]]++;
    }
    d->rules = take(&s->keep, rules_rule, d->m->k);
    rules_find(&(rules_data){p->b.features, p->b.n, p->b.cols, d->m->label, d->m->k}, ROWS,
               d->rules, &d->fidelity, s->scratch);
    for (int c = 0; c < d->m->k; c++)
        if (members[c] > 0) put_passport(out, d, c, w, s);
    return true;
}

bool segment_put_passports(js *out, const segment_present *p, work *w, scope *s, err *e) {
    desk d = {.p = p};
    segment_moves moves;
    if (!segment_moves_see(&moves, p, w, w->days.end - A_MONTH, w->days.end, s, e) ||
        !segment_prices_open(&d.panel, w, s, e))
        return false;
    spread(&d, s);
    js_array(out, "passports");
    for (int g = 0; g < SEGMENT_METHODS; g++) {
        d.moves = moves.known ? moves.customers[g] : NULL;
        if (p->methods[g].k > 0 && !put_method(out, &d, g, w, s, e)) return false;
    }
    js_end(out);
    return true;
}
