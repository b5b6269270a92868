/* interactions: a table of who took what (user, item, weight?, time?) for the recommend verbs. */
#include "surfaces/interactions.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/recommend/popular.h"
#include "pipeline/prelude.h"

static const contract_column wanted[] = {
    {"user", CONTRACT_TEXT, true,
     "user_id|customer|customer_id|client|client_id|visitor|visitor_id|member_id|buyer_id|"
     "reviewer_id",
     0, 0},
    {"item", CONTRACT_TEXT, true,
     "item_id|article|article_id|product|product_id|movie_id|sku|asin|stock_code|track_id", 0, 0},
    {"weight", CONTRACT_REAL, false, "rating|count|quantity|units|value|score|plays", 0, 0},
    {"time", CONTRACT_TIME, false, "timestamp|date|day|datetime|t_dat|invoice_date", 0, 0},
};
static const contract contract_interactions = {"interactions", 4, wanted};

const contract_column *interactions_column(const char *name) {
    int i = 0;
    while (i < contract_interactions.n && strcmp(wanted[i].name, name) != 0) i++;
    assert(i < contract_interactions.n);
    return &wanted[i];
}

const char *const interactions_words[2] = {[ALS_USERS] = "user", [ALS_ITEMS] = "item"};

bool interactions_join(const args *a, bench *b, err *e) {
    for (int side = 0; side < 2; side++) {
        const char *word = interactions_words[side];
        const char *path = args_text(a, side == ALS_USERS ? "user-features" : "item-features");
        contract_column id = *interactions_column(word);
        contract only = {"ids", 1, &id};
        table_count count;
        if (path && (!prelude_run(b->d, e) || !table_read(b->d, path, &only, NULL, "more_ids",
                                                          &count, e) ||
                     !db_runf(b->d, e, "CREATE OR REPLACE TABLE more_%ss AS SELECT min(\"%s\") AS "
                              "id FROM more_ids GROUP BY id_key(\"%s\")", word, word, word)))
            return false;
    }
    return true;
}

static bool read_ids(bench *b, const char *name, bool two, slice **ids, int64_t *n, scope *s,
                     err *e) {
    columns c;
    int64_t more;
    if (!db_runf(b->d, e, "CREATE OR REPLACE TABLE met AS SELECT DISTINCT \"%s\" AS id FROM "
                 "interactions", name) ||
        (two && !db_runf(b->d, e, "INSERT INTO met SELECT DISTINCT \"%s\" FROM interactions_test "
                         "WHERE \"%s\" NOT IN (FROM met)", name, name)) ||
        !db_count(b->d, &more, e, "SELECT count(*) FROM information_schema.tables "
                  "WHERE table_name = 'more_%ss'", name) ||
        (more && !db_runf(b->d, e, "INSERT INTO met SELECT id FROM more_%ss WHERE id_key(id) "
                          "NOT IN (SELECT id_key(id) FROM met)", name)) ||
        !db_runf(b->d, e,
                 "CREATE OR REPLACE TABLE ids_%s AS SELECT id, "
                 "CAST(row_number() OVER (ORDER BY length(id), id) - 1 AS INTEGER) AS n FROM met",
                 name) ||
        !db_query(b->d, &s->keep, &c, e, "SELECT id FROM ids_%s ORDER BY n", name))
        return false;
    *ids = columns_text(&c, "id");
    *n = c.rows;
    return true;
}

static bool read_rows(bench *b, const char *table, interactions *x, scope *s, err *e) {
    columns c;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT u.n AS u, i.n AS i, coalesce(weight, 1) AS w, "
                  "coalesce(date_diff('day', DATE '1970-01-01', CAST(time AS DATE)), 0) AS day, "
                  "CAST(time IS NOT NULL AS INTEGER) AS timed, "
                  "coalesce(epoch_us(time), 0) AS moment "
                  "FROM %s t JOIN ids_user u ON t.\"user\" = u.id JOIN ids_item i ON t.item = i.id "
                  "ORDER BY time NULLS FIRST, src_line",
                  table))
        return false;
    x->n = c.rows;
    x->user = columns_i32(&c, "u");
    x->item = columns_i32(&c, "i");
    x->weight = take(&s->keep, float, c.rows);
    x->day = take(&s->keep, int32_t, c.rows);
    x->moment = take(&s->keep, int64_t, c.rows);
    for (int64_t r = 0; r < c.rows; r++) {
        double w = columns_real(&c, "w")[r];
        x->weight[r] = (float)w;
        x->day[r] = (int32_t)columns_i64(&c, "day")[r];
        bool timed = columns_i32(&c, "timed")[r];
        x->moment[r] = timed ? columns_i64(&c, "moment")[r] : INT64_MIN;
        x->has_time = x->has_time || timed;
    }
    return true;
}

/* Weights are at least 0: what was taken back is no interest. */
static bool check_weights(bench *b, const char *path, const char *table, scope *s, err *e) {
    columns c;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, weight FROM %s WHERE weight < 0 ORDER BY src_line LIMIT 1",
                  table))
        return false;
    if (c.rows == 0) return true;
    return refuse(e, "%s:%lld: column weight: %g is negative; leave such rows out, or name another "
                     "column with --map weight=HEADER (--map weight= counts each row once)",
                  path, (long long)columns_i64(&c, "src_line")[0], columns_real(&c, "weight")[0]);
}

/* A row more than 400 days after the day by which 99 of 100 rows lie has a mistyped year: left
 * out, counted and said. The file is its own clock. */
static bool drop_too_late(bench *b, const char *path, scope *s, js *out, err *e) {
    columns c;
    if (!db_runf(b->d, e,
                 "CREATE OR REPLACE TABLE too_late AS SELECT src_line, time FROM interactions "
                 "WHERE time >= (SELECT quantile_disc(CAST(time AS DATE), 0.99) + 401 "
                 "FROM interactions)") ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, CAST(CAST(time AS DATE) AS VARCHAR) AS day "
                  "FROM too_late ORDER BY src_line") ||
        !db_runf(b->d, e,
                 "DELETE FROM interactions WHERE src_line IN (SELECT src_line FROM too_late)"))
        return false;
    js_put_int(out, "rows_too_late", c.rows);
    if (c.rows == 0) return true;
    slice day = columns_text(&c, "day")[0];
    fprintf(stderr,
            "%s: %lld rows lie more than 400 days after nearly all others and are left out; the "
            "first: line %lld, time %.*s\n",
            path, (long long)c.rows, (long long)columns_i64(&c, "src_line")[0], (int)day.n, day.p);
    return true;
}

/* True when the lines of a table without time are sorted by item for nearly every user: then their
 * order is that of a sort, not of time. By chance half of the pairs of lines ascend. */
static bool is_sorted(const interactions *x, arena scratch) {
    enum { LEAST = 1000 }; /* pairs that make a verdict */
    int32_t *before = take(&scratch, int32_t, x->users);
    int64_t pairs = 0, up = 0;
    for (int64_t i = 0; i < x->n; i++) { /* before holds item + 1 */
        int32_t was = before[x->user[i]];
        before[x->user[i]] = x->item[i] + 1;
        if (was == 0 || was == x->item[i] + 1) continue;
        pairs++;
        up += was < x->item[i] + 1;
    }
    return !x->has_time && pairs >= LEAST && 1000 * up >= 999 * pairs;
}

bool interactions_read(const args *a, bench *b, interactions *all, const char *with_test,
                       interactions *test, scope *s, js *out, err *e) {
    table_count count = {0};
    *all = (interactions){0};
    const char *path = args_text(a, "in");
    if (!verb_read(a, b, &contract_interactions, "interactions", out, e) ||
        !check_weights(b, path, "interactions", s, e) || !drop_too_late(b, path, s, out, e))
        return false;
    if (with_test) {
        *test = (interactions){0};
        if (!table_read(b->d, with_test, &contract_interactions, args_text(a, "map"),
                        "interactions_test", &count, e))
            return false;
    }
    if (!read_ids(b, "user", with_test, &all->user_id, &all->users, s, e) ||
        !read_ids(b, "item", with_test, &all->item_id, &all->items, s, e) ||
        !read_rows(b, "interactions", all, s, e))
        return false;
    all->unordered = is_sorted(all, s->scratch);
    if (all->unordered)
        fprintf(stderr, "%s: has no time, and its lines are sorted by item: what a user took is "
                        "taken as of one moment\n", path);
    js_put_bool(out, "ordered", !all->unordered);
    if (!with_test) return true;
    test->users = all->users;
    test->items = all->items;
    return read_rows(b, "interactions_test", test, s, e);
}

const recommender *interactions_model(slice name, scope *s, err *e) {
    text names = {0};
    text_open(&names, s);
    for (int i = 0; i < recommenders_n; i++) {
        if (slice_is(name, recommenders[i]->name)) return recommenders[i];
        text_addf(&names, "%s%s", i ? ", " : "", recommenders[i]->name);
    }
    refuse(e, "--model must be one of %s, got '%.*s'", names.p, (int)name.n, name.p);
    return NULL;
}

/* One NAME=NUMBER of an option. */
static bool read_pair(const char *name_of_option, slice word, slice *name, double *value, err *e) {
    const char *equals = memchr(word.p, '=', word.n);
    size_t n = equals ? (size_t)(equals - word.p) : 0;
    *name = (slice){word.p, n};
    if (n == 0 || !slice_double((slice){equals + 1, word.n - n - 1}, value))
        return refuse(e, "--%s wants NAME=NUMBER, got '%.*s'", name_of_option, (int)word.n, word.p);
    return true;
}

static bool set_one(slice word, recommender_params *p, scope *s, err *e) {
    slice id;
    double value;
    if (!read_pair("set", word, &id, &value, e)) return false;
    const char *name = slice_copy(&s->keep, id);
    const knob *k = recommender_knob(name);
    if (!k)
        return refuse(e, "--set: no model has a parameter '%s'; docs/recommend-models.md lists all",
                      name);
    if (value < k->low || value > k->high || (k->kind == KNOB_INT && value != floor(value)))
        return refuse(e, "--set: %s must be %s%g..%g, got %g", name,
                      k->kind == KNOB_INT ? "a whole number in " : "", k->low, k->high, value);
    knob_set(p, k, value);
    return true;
}

static bool blend_one(slice word, recommender_params *p, scope *s, err *e) {
    slice name;
    double value;
    recommender_blend *b = &p->blend;
    if (!read_pair("blend", word, &name, &value, e)) return false;
    const recommender *r = interactions_model(name, s, e);
    if (!r) return fail_in(e, "--blend");
    if (r == &recommender_hybrid) return refuse(e, "--blend: hybrid cannot be a part of itself");
    for (int i = 0; i < b->n; i++)
        if (b->model[i] == r) return refuse(e, "--blend names %s twice", r->name);
    if (b->n == HYBRID_MOST) return refuse(e, "--blend takes at most %d models", HYBRID_MOST);
    if (!(value > 0 && value <= 1e6))
        return refuse(e, "--blend: the weight of %s must be above 0, at most 1e6, got %g", r->name,
                      value);
    b->model[b->n] = r;
    b->weight[b->n++] = (float)value;
    return true;
}

typedef bool read_word(slice word, recommender_params *p, scope *s, err *e);
static bool each_word(const char *words, read_word *read, recommender_params *p, scope *s,
                      err *e) {
    for (size_t n; words && *words; words += n + (words[n] == ',')) {
        n = strcspn(words, ",");
        if (!read((slice){words, n}, p, s, e)) return false;
    }
    return true;
}

/* The same number for every model that has it. */
static void set_all(recommender_params *p, const char *ending, double value) {
    for (int r = 0; r < recommenders_n; r++)
        for (int i = 0; i < recommenders[r]->n_knobs; i++) {
            const knob *k = &recommenders[r]->knobs[i];
            size_t n = strlen(k->name), end = strlen(ending);
            if (n >= end && strcmp(k->name + n - end, ending) == 0) knob_set(p, k, value);
        }
}

/* implicit's objective: a pair's confidence is alpha times its weight (interactions_data). */
static bool is_implicit(const args *a) {
    return strcmp(args_text(a, "objective"), "implicit") == 0;
}

bool interactions_params(const args *a, const bench *b, recommender_params *p, scope *s, err *e) {
    *p = RECOMMENDER_DEFAULTS;
    p->als.seed = p->bpr.seed = b->seed;
    static const struct {
        const char *option, *knobs;
        bool real;
    } named[] = {{"factors", ".factors", false},       {"iterations", ".iterations", false},
                 {"reg", "als.reg", true},                {"alpha", "als.alpha", true},
                 {"neighbours", ".neighbours", false}, {"recency", ".recency", true},
                 {"half-life", ".half_life", true}};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (args_given(a, named[i].option))
            set_all(p, named[i].knobs,
                    named[i].real ? args_real(a, named[i].option)
                                  : (double)args_int(a, named[i].option));
    if (is_implicit(a)) {
        p->als.target = ALS_TARGET_CONFIDENCE;
        p->als.alpha0 = 1;
        p->als.nu = 0;
        if (!args_given(a, "reg")) p->als.lambda = 0.01f;
    }
    return each_word(args_text(a, "set"), set_one, p, s, e) &&
           each_word(args_text(a, "blend"), blend_one, p, s, e);
}

recommender_data interactions_data(const interactions *x, const uint8_t *used, const args *a,
                                   arena *keep, arena scratch) {
    double half_life = args_real(a, "half-life");
    double confidence = is_implicit(a) && args_given(a, "alpha") ? args_real(a, "alpha") : 1;
    int32_t *user = take(&scratch, int32_t, x->n), *item = take(&scratch, int32_t, x->n);
    float *weight = take(&scratch, float, x->n);
    double *popular = take(keep, double, x->items);
    int64_t n = 0, *at = take(keep, int64_t, x->users + 1);
    int32_t as_of = 0;
    for (int64_t i = 0; i < x->n; i++) {
        if (used && !used[i]) continue;
        if (x->has_time && (n == 0 || x->day[i] >= as_of)) as_of = x->day[i] + 1;
        at[x->user[i] + 1]++;
        n++;
    }
    int32_t *seq_item = take(keep, int32_t, n), *seq_day = take(keep, int32_t, n);
    int32_t *seq_step = take(keep, int32_t, n);
    int64_t *moment = take(&scratch, int64_t, x->users);
    int64_t *next = take(&scratch, int64_t, x->users);
    for (int64_t u = 0; u < x->users; u++) {
        at[u + 1] += at[u];
        next[u] = at[u];
    }
    n = 0;
    for (int64_t i = 0; i < x->n; i++) { /* rows stand in the order of time */
        if (used && !used[i]) continue;
        double decay = x->has_time ? popular_decay(x->day[i], as_of, half_life) : 1;
        int64_t place = next[x->user[i]]++;
        user[n] = x->user[i];
        item[n] = seq_item[place] = x->item[i];
        seq_day[place] = x->day[i];
        if (place > at[x->user[i]] && !x->unordered) /* rows without a time are a step each */
            seq_step[place] = seq_step[place - 1] +
                              (x->moment[i] == INT64_MIN || x->moment[i] != moment[x->user[i]]);
        moment[x->user[i]] = x->moment[i];
        weight[n++] = x->weight[i] * (float)(decay * confidence);
        popular[x->item[i]] += decay;
    }
    recommender_data d = {.popularity = popular, .seq_at = at, .seq_item = seq_item,
                          .seq_day = x->has_time ? seq_day : NULL,
                          .seq_step = x->has_time || x->unordered ? seq_step : NULL,
                          .as_of = as_of, .features = {x->features[0], x->features[1]},
                          .group = x->group, .groups = x->groups};
    d.by_user = sparse_from_triples(x->users, x->items, n, user, item, weight, keep, scratch);
    d.by_item = sparse_transpose(&d.by_user, keep);
    return d;
}
