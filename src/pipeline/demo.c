/* demo: the demo shop from an empty world to a published folder. */
#include "pipeline/demo_world.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static const char *const headers[6] = {
    "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,"
    "graphical_appearance_no,graphical_appearance_name,colour_group_code,colour_group_name,"
    "perceived_colour_value_id,perceived_colour_value_name,perceived_colour_master_id,"
    "perceived_colour_master_name,department_no,department_name,index_code,index_name,"
    "index_group_no,index_group_name,section_no,section_name,garment_group_no,garment_group_name,"
    "detail_desc,price,launch_date,material",
    "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code",
    "t_dat,customer_id,article_id,price,sales_channel_id",
    "review_id,article_id,customer_id,date,title,text,rating,recommended,votes,age",
    "time,user_id,session_id,event,article_id,price,quantity,channel,platform",
    "time,article_id,on_hand,on_order,lead_time_days,receipt_date",
};

/* Splits "a/b/c/" into "a/b" and "c". */
static bool split_path(const char *dir, arena *keep, char **parent, char **name, err *e) {
    char *path = arena_text(keep, "%s", dir);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') path[--n] = 0;
    char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    *parent = slash == path ? "/" : slash ? path : ".";
    if (slash && slash != path) *slash = 0;
    if (strcmp(*name, "") == 0 || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0)
        return refuse(e, "demo needs the name of a folder to make, got '%s'", dir);
    return true;
}

static bool is_ours(const char *file) {
    static const char *const ours[] = {
        ".", "..", "articles.csv", "customers.csv", "transactions_train.csv", "reviews.csv",
        "events.csv.gz", "stock.csv", "truth.json", "README.txt", "manifest.json"};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(file, ours[i]) == 0) return true;
    return false;
}

/* A folder may be replaced when it is empty or a demo shop to which nobody added a file. */
static bool may_replace(const char *dir, bool force, err *e) {
    struct stat st;
    if (stat(dir, &st) != 0) return true;
    if (!S_ISDIR(st.st_mode)) return refuse(e, "%s is a file; demo makes a folder", dir);
    if (force) return true;
    DIR *open = opendir(dir);
    if (!open) return fail_file(e, "open folder", dir);
    bool truth = false, any = false, done = true;
    for (struct dirent *entry; done && (entry = readdir(open)) != NULL;) {
        any = any || entry->d_name[0] != '.';
        truth = truth || strcmp(entry->d_name, "truth.json") == 0;
        if (!is_ours(entry->d_name))
            done = refuse(e, "%s holds %s, which is not of a demo shop; choose another folder or "
                             "give --force to replace it", dir, entry->d_name);
    }
    closedir(open);
    if (done && any && !truth)
        done = refuse(e, "%s holds files but no truth.json, so it is not a demo shop; choose "
                         "another folder or give --force to replace it", dir);
    return done;
}

static bool open_world(demo_world *w, folder *f, err *e) {
    arena *keep = &w->s->keep;
    w->n_articles = w->p.size->articles;
    w->n_people = w->p.size->customers;
    w->n_styles = w->p.size->styles;
    w->id_seed = seed_for(w->p.seed, "customer ids");
    w->articles = take(keep, demo_article, w->n_articles);
    w->percent = take(keep, uint8_t, (int64_t)w->n_articles * DEMO_WEEKS);
    w->lost_of = take(keep, int32_t, (int64_t)w->n_articles * DEMO_SHORT_WEEKS);
    w->taste = take(keep, float, (int64_t)w->n_articles * w->n_styles);
    w->style_category = take(keep, double, w->n_styles * DEMO_CATEGORIES);
    w->style_age = take(keep, uint8_t, w->n_styles);
    w->style_group = take(keep, uint8_t, w->n_styles);
    w->people = take(keep, demo_person, w->n_people);
    w->history = take(keep, int32_t, (int64_t)w->n_people * w->p.size->memory);
    w->history_at = take(keep, uint8_t, w->n_people);
    for (int i = 0; i < 6; i++)
        if (!demo_file_open(w, f, i, headers[i], e)) return false;
    if (!demo_make_articles(w, e)) return false;
    demo_make_people(w);
    for (int c = 0; c < DEMO_CATEGORIES; c++)
        for (int week = 0; week < DEMO_WEEKS; week++)
            w->season[c][week] = demo_season(c, week) * demo_trend(c, week);
    return true;
}

static bool live_week(demo_world *w, demo_demand *d, int week, scope *s, err *e) {
    int64_t n = 0;
    demo_demand_week(d, week);
    demo_sale *sales = demo_demand_draw(d, week, &s->keep, &n);
    demo_response_add(w, d, week, &s->keep);
    demo_optimum *best = demo_optimum_rank(w, d, week, sales, n, &s->keep);
    bool done = demo_sell_week(w, week, sales, &n, s->scratch, e) &&
                demo_write_events(w, d, week, sales, n, s->scratch, e) &&
                demo_write_reviews(w, week, sales, n, e);
    if (done) demo_optimum_score(w, best, sales, n, s->scratch);
    scope_reset(s);
    return done;
}

static bool live_years(demo_world *w, err *e) {
    scope weekly;
    demo_demand *d = demo_demand_open(w);
    /* Room for the busiest week: about 0.6 lines and 3 events a person; only what it touches is
     * memory. */
    size_t room = ((size_t)48 << 20) + (size_t)w->n_people * 600;
    if (!scope_open(&weekly, room, room, e)) return false;
    bool done = true;
    for (int week = 0; week < DEMO_WEEKS && done; week++) {
        if (w->show && w->show->tick)
            w->show->tick(w->show->what, "weeks of trade", week, DEMO_WEEKS);
        done = live_week(w, d, week, &weekly, e);
    }
    if (done && w->show && w->show->tick)
        w->show->tick(w->show->what, "weeks of trade", DEMO_WEEKS, DEMO_WEEKS);
    scope_close(&weekly);
    return done;
}

static bool publish(demo_world *w, folder *f, demo_made *made, err *e) {
    made->n = 6;
    for (int i = 0; i < 6; i++) {
        demo_file *file = w->files[i];
        if (!demo_file_close(file, e)) return false;
        folder_rows(f, file->name, file->rows);
        made->files[i].file = file->name;
        made->files[i].rows = file->rows;
        made->files[i].dirty = file->dirty;
    }
    char *said = arena_text(&w->s->keep, "demo/1 %s %llu", w->p.size->name,
                            (unsigned long long)w->p.seed);
    folder_key key = {.key = hash_of(slice_of(said)), .sql = hash_of(SLICE("")),
                      .seed = (int64_t)w->p.seed};
    return demo_write_truth(w, f, e) && demo_write_readme(w, f, e) && folder_commit(f, &key, e);
}

bool demo_make(const char *dir, demo_params p, const progress *show, demo_made *made, err *e) {
    scope s;
    char *parent, *name;
    demo_world w = {.p = p, .s = &s, .show = show};
    if (!may_replace(dir, p.force, e)) return false;
    size_t person = 64 + sizeof(int32_t) * (size_t)p.size->memory;
    size_t room = ((size_t)32 << 20) + (size_t)p.size->customers * person +
                  (size_t)p.size->articles * 400;
    if (!scope_open(&s, room, 16 << 20, e)) return false;
    folder *f = split_path(dir, &s.keep, &parent, &name, e) ? folder_begin(&s, parent, name, e)
                                                            : NULL;
    bool done = f && open_world(&w, f, e) && demo_write_articles(&w, e) &&
                demo_write_people(&w, e) && live_years(&w, e) && publish(&w, f, made, e);
    scope_close(&s);
    return done;
}
