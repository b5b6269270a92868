/* verb_recommend: a list of items for every user of an interaction table, or for those asked. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "surfaces/recommend_exam.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"model", OPTION_TEXT, "NAME", "als, popular, knn, session, hybrid, … (a wrong one lists all)",
     .value = "als"},
    {"k", OPTION_INT, "N", "items for each user", .value = "10", .low = 1, .high = 1000},
    {"users", OPTION_TEXT, "ID,…|FILE|all", "who is asked for; FILE has a column user",
     .value = "all"},
    {"exclude-seen", OPTION_FLAG, NULL, "leave out items that the user has already"},
    {"split", OPTION_TEXT, "NAME", "how --tune holds items back: last or time:7d"},
    {"days", OPTION_INT, "N", "days of --split time, where it does not say", .value = "28",
     .low = 1, .high = 100000},
    {"test", OPTION_TEXT, "FILE", "the table of --split given"},
    INTERACTIONS_OPTIONS,
    {0}};

typedef struct asked {
    int64_t n, unknown; /* unknown: of a file, left out */
    int32_t *users;     /* [n] as asked for, each once */
} asked;

/* The number of a user; -1 when the table has none. Ids are in the order (length, id). */
static int64_t find_user(const interactions *x, slice id) {
    int64_t low = 0, high = x->users;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        slice at = x->user_id[middle];
        if (at.n < id.n || (at.n == id.n && slice_compare(at, id) < 0)) low = middle + 1;
        else high = middle;
    }
    return low < x->users && x->user_id[low].n == id.n &&
                   slice_compare(x->user_id[low], id) == 0
               ? low
               : -1;
}

static bool ask_ids(const interactions *x, const char *words, asked *to, uint8_t *in, err *e) {
    for (size_t n; *words; words += n + (words[n] == ',')) {
        n = strcspn(words, ",");
        int64_t user = find_user(x, slice_trim((slice){words, n}));
        if (user < 0)
            return refuse(e, "--users: the table has no user '%.*s'; ids are compared as text, "
                             "and a list of ids may be a FILE with a column user",
                          (int)n, words);
        if (!in[user]) to->users[to->n++] = (int32_t)user;
        in[user] = 1;
    }
    return to->n > 0 || refuse(e, "--users names nobody");
}

static bool ask_file(bench *b, const interactions *x, const char *path, asked *to, uint8_t *in,
                     scope *s, err *e) {
    static const contract_column wanted[] = {
        {"user", CONTRACT_TEXT, true, "user_id|customer|customer_id|client|client_id|visitor_id|id",
         0, 0}};
    static const contract users = {"users", 1, wanted};
    table_count count = {0};
    columns c;
    if (!table_read(b->d, path, &users, NULL, "asked", &count, e) ||
        !db_query(b->d, &s->keep, &c, e, "SELECT \"user\" FROM asked ORDER BY src_line"))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        int64_t user = find_user(x, columns_text(&c, "user")[i]);
        to->unknown += user < 0;
        if (user < 0 || in[user]) continue;
        to->users[to->n++] = (int32_t)user;
        in[user] = 1;
    }
    if (to->unknown > 0)
        fprintf(stderr, "%s: %lld of %lld users are not in the table and get no list\n", path,
                (long long)to->unknown, (long long)c.rows);
    return to->n > 0 || refuse(e, "%s: none of its users is in the table", path);
}

/* --users: `all`, an id that is there, a file that is there, or ids with commas. */
static bool ask(const args *a, bench *b, const interactions *x, asked *to, scope *s, err *e) {
    const char *said = args_text(a, "users");
    *to = (asked){.users = take(&s->keep, int32_t, x->users)};
    uint8_t *in = take(&s->keep, uint8_t, x->users);
    if (strcmp(said, "all") == 0) {
        for (to->n = 0; to->n < x->users; to->n++) to->users[to->n] = (int32_t)to->n;
        return true;
    }
    if (!strchr(said, ',') && find_user(x, slice_of(said)) < 0 && access(said, R_OK) == 0)
        return ask_file(b, x, said, to, in, s, e);
    return ask_ids(x, said, to, in, e);
}

/* user, item, rank (1 is best), score: by user, then rank. */
static columns result(const interactions *x, const asked *who, const hybrid_lists *l, scope *s) {
    static const char *const names[] = {"user", "item", "rank", "score"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I32, COLUMN_REAL};
    int64_t n = 0;
    for (int64_t i = 0; i < who->n * l->k; i++) n += l->ids[i] >= 0;
    columns c = columns_new(&s->keep, 4, names, types, n);
    n = 0;
    for (int64_t i = 0; i < who->n * l->k; i++) {
        if (l->ids[i] < 0) continue;
        c.at[0].text[n] = x->user_id[who->users[i / l->k]];
        c.at[1].text[n] = x->item_id[l->ids[i]];
        c.at[2].i32[n] = (int32_t)(i % l->k) + 1;
        c.at[3].real[n++] = l->scores[i];
    }
    return c;
}

/* Parameters by the split that --split names, held back from the end of the table. */
static bool tune(const args *a, bench *b, const interactions *x, exam_model *m, scope *s, err *e) {
    split how;
    split_part whole = {.learn = take(&s->keep, uint8_t, x->n)};
    if (!split_parse(a, &how, e)) return false;
    if (how.kind == SPLIT_GIVEN)
        return refuse(e, "--tune of recommend holds back by --split last or time:7d");
    if (how.kind != SPLIT_LAST && !x->has_time)
        return refuse(e, "--split time needs a column time in %s", args_text(a, "in"));
    memset(whole.learn, 1, (size_t)x->n);
    for (int64_t i = 0; i < x->n; i++)
        if (x->day[i] >= whole.from) whole.from = x->day[i] + 1;
    return exam_tune(a, b, x, &how, &whole, m, (int)args_int(a, "k"), s, e);
}

static void put_numbers(js *out, const args *a, const interactions *x, const asked *who,
                        const recommender_data *d, const exam_model *m, scope *s) {
    js_put_word(out, "model", m->r->name);
    js_put_word(out, "set", exam_set_of(m->r, &m->p, s));
    if (m->r == &recommender_hybrid) js_put_word(out, "blend", exam_blend_of(&m->p, s));
    js_put_int(out, "k", args_int(a, "k"));
    js_put_int(out, "users", who->n);
    js_put_int(out, "users_unknown", who->unknown);
    js_put_int(out, "items", x->items);
    js_put_int(out, "interactions", sparse_count(&d->by_user));
    exam_put_tuning(out, m, 1, s);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    interactions x;
    asked who;
    timing t = {0};
    attribute_table tables[2] = {0};
    double clock = args_clock();
    exam_model *m = take(&s->keep, exam_model, 1);
    m->r = interactions_model(slice_of(args_text(a, "model")), s, e);
    if (!m->r || !verb_open(a, s, &b, e) || !interactions_params(a, &b, &m->p, s, e) ||
        !interactions_join(a, &b, e) || !interactions_read(a, &b, &x, NULL, NULL, s, out, e) ||
        !attribute_tables(a, &b, &x, tables, s, e) || !ask(a, &b, &x, &who, s, e))
        return false;
    t.read_s = args_lap(&clock);
    int k = (int)args_int(a, "k");
    m->p.exclude_seen = args_flag(a, "exclude-seen");
    recommender_data data = interactions_data(&x, NULL, a, &s->keep, s->scratch);
    recommender_task task = {&data, &m->p, b.threads};
    hybrid_lists lists = {.k = k, .ids = take(&s->keep, int32_t, who.n * k),
                          .scores = take(&s->keep, float, who.n * k)};
    void *model;
    t.prepare_s = args_lap(&clock);
    if (args_flag(a, "tune") && !tune(a, &b, &x, m, s, e)) return false;
    t.tune_s = m->tune_s = args_flag(a, "tune") ? args_lap(&clock) : 0;
    if (!recommender_fit(m->r, &task, &model, &s->keep, s->scratch, e)) return false;
    t.fit_s = args_lap(&clock);
    recommender_lists(m->r, &task, model, who.users, who.n, lists, s->scratch);
    t.recommend_s = args_lap(&clock);
    columns c = result(&x, &who, &lists, s);
    if (!db_put(b.d, "recommendations", &c, e) || !verb_write(a, &b, "recommendations", e))
        return false;
    t.write_s = args_lap(&clock);
    put_numbers(out, a, &x, &who, &data, m, s);
    js_put_int(out, "recommendations", c.rows);
    args_timing(out, &t);
    return true;
}

const verb verb_recommend = {
    .name = "recommend",
    .words = "",
    .group = "table",
    .title = "Recommend items to every user of a table of interactions.",
    .example = "atelier recommend --in purchases.csv --out lists.csv --k 12 --exclude-seen",
    .options = options,
    .run = run,
};
