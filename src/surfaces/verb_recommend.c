/* verb_recommend: a list of items for every user of an interaction table. */
#include "surfaces/interactions.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"model", OPTION_TEXT, "NAME", "what recommends: als, popular, knn, hybrid, …", .value = "als"},
    {"k", OPTION_INT, "N", "items for each user", .value = "10", .low = 1, .high = 1000},
    {"exclude-seen", OPTION_FLAG, NULL, "leave out items that the user has already"},
    INTERACTIONS_OPTIONS,
    {0}};

/* user, item, rank (1 is best), score: by user, then rank. */
static columns result(const interactions *x, const hybrid_lists *l, scope *s) {
    static const char *const names[] = {"user", "item", "rank", "score"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT, COLUMN_I32, COLUMN_REAL};
    int64_t n = 0;
    for (int64_t i = 0; i < x->users * l->k; i++) n += l->ids[i] >= 0;
    columns c = columns_new(&s->keep, 4, names, types, n);
    n = 0;
    for (int64_t i = 0; i < x->users * l->k; i++) {
        if (l->ids[i] < 0) continue;
        c.at[0].text[n] = x->user_id[i / l->k];
        c.at[1].text[n] = x->item_id[l->ids[i]];
        c.at[2].i32[n] = (int32_t)(i % l->k) + 1;
        c.at[3].real[n++] = l->scores[i];
    }
    return c;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    interactions x;
    recommender_params p;
    timing t = {0};
    double clock = args_clock();
    const recommender *r = interactions_model(slice_of(args_text(a, "model")), s, e);
    if (!r || !verb_open(a, s, &b, e) || !interactions_params(a, &b, &p, e) ||
        !interactions_read(a, &b, &x, NULL, NULL, s, out, e))
        return false;
    t.read_s = args_lap(&clock);
    int k = (int)args_int(a, "k");
    p.exclude_seen = args_flag(a, "exclude-seen");
    recommender_data data = interactions_data(&x, NULL, a, &s->keep, s->scratch);
    recommender_task task = {&data, &p, b.threads};
    hybrid_lists lists = {.k = k, .ids = take(&s->keep, int32_t, x.users * k),
                          .scores = take(&s->keep, float, x.users * k)};
    void *model;
    t.prepare_s = args_lap(&clock);
    if (!recommender_fit(r, &task, &model, &s->keep, s->scratch, e)) return false;
    t.fit_s = args_lap(&clock);
    recommender_lists(r, &task, model, NULL, 0, lists, s->scratch);
    t.recommend_s = args_lap(&clock);
    columns c = result(&x, &lists, s);
    if (!db_put(b.d, "recommendations", &c, e) || !verb_write(a, &b, "recommendations", e))
        return false;
    t.write_s = args_lap(&clock);
    js_put_word(out, "model", r->name);
    js_put_int(out, "users", x.users);
    js_put_int(out, "items", x.items);
    js_put_int(out, "interactions", sparse_count(&data.by_user));
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
