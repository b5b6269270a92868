/* 05_eda: what the tables look like: a profile of every column, sales by day, and eda.html. */
#include <string.h>

#include "base/embed.h"
#include "pipeline/data_page.h"
#include "pipeline/eda_page.h"
#include "pipeline/part.h"
#include "pipeline/prelude.h"
#include "pipeline/stage.h"

/* Fills in the words of sql/05_eda/profile_column.sql. */
static void fill_in(text *to, slice sql, const char *const words[][2]) {
    size_t from = 0;
    for (size_t i = 0; i < sql.n; i++)
        for (int k = 0; words[k][0]; k++) {
            size_t n = strlen(words[k][0]);
            if (sql.n - i < n || memcmp(sql.p + i, words[k][0], n) != 0) continue;
            text_add(to, (slice){sql.p + from, i - from});
            text_add(to, slice_of(words[k][1]));
            from = i + n;
        }
    text_add(to, (slice){sql.p + from, sql.n - from});
}

static bool is_number(slice type) {
    static const char *const numbers[] = {"INTEGER", "BIGINT", "DOUBLE", "DECIMAL"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (type.n >= strlen(numbers[i]) && memcmp(type.p, numbers[i], strlen(numbers[i])) == 0)
            return true;
    return false;
}

static bool profile_column(const work *w, const char *table, slice name, slice type, arena scratch,
                           err *e) {
    static const char nothing[] = "CAST(NULL AS VARCHAR)", nowhere[] = "CAST(NULL AS DOUBLE)";
    slice sql;
    text t = {0};
    if (!embed_find("sql/05_eda/profile_column.sql", &sql))
        return fail(e, "the program carries no sql/05_eda/profile_column.sql");
    const char *quoted = db_name(&scratch, name);
    bool number = is_number(type), text_type = slice_is(type, "VARCHAR");
    const char *const words[][2] = {
        {":column", quoted},
        {":table", table},
        {":median", text_type ? nothing
                              : arena_text(&scratch, "text_of(median(%s))", quoted)},
        {":mean", number ? arena_text(&scratch, "CAST(avg(%s) AS DOUBLE)", quoted) : nowhere},
        {NULL, NULL}};
    text_addf(&t, "INSERT INTO profile SELECT '%s', '%.*s', '%.*s', p.*, "
              "CAST((SELECT count(*) FROM profile) AS INTEGER) FROM (", table,
              (int)name.n, name.p, (int)type.n, type.p);
    fill_in(&t, sql, words);
    text_add(&t, SLICE(") AS p"));
    bool done = db_run(w->d, text_slice(&t), e);
    text_free(&t);
    return done;
}

static bool profile_tables(const work *w, folder *f, scope *s, err *e) {
    static const char *const tables[] = {"articles", "customers", "transactions",
                                         "reviews",  "events",    "stock"};
    if (!db_run(w->d,
                SLICE("CREATE OR REPLACE TABLE profile (table_name VARCHAR, column_name VARCHAR, "
                      "type VARCHAR, rows BIGINT, missing BIGINT, distinct_values BIGINT, "
                      "min VARCHAR, median VARCHAR, max VARCHAR, mean DOUBLE, place INTEGER)"),
                e))
        return false;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        columns c;
        work_tick(w, tables[i], (int64_t)i, 6);
        if (!db_query(w->d, &s->keep, &c, e, "SELECT column_name, column_type FROM (DESCRIBE %s)",
                      tables[i]))
            return false;
        for (int64_t k = 0; k < c.rows; k++)
            if (!profile_column(w, tables[i], columns_text(&c, "column_name")[k],
                                columns_text(&c, "column_type")[k], s->scratch, e))
                return false;
    }
    int64_t rows;
    return db_write_parquet(w->d, "profile", folder_path(f, "profile.parquet"), e) &&
           db_count(w->d, &rows, e, "SELECT count(*) FROM profile") &&
           folder_rows(f, "profile.parquet", rows);
}

static bool write_page(const work *w, folder *f, scope *s, err *e) {
    slice html;
    return eda_page(w, s, &html, e) && folder_write(f, "eda.html", html, e);
}

/* One of the things that are no table of one SQL file. */
typedef bool eda_write(const work *w, folder *f, scope *s, err *e);
static bool make(const work *w, folder *f, const char *file, eda_write *write, scope *s, err *e) {
    part p;
    return part_begin(&p, w, f, file, work_days(w, &s->keep), NULL, e) &&
           part_end(&p, p.taken || write(w, f, s, e), e);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    static const char *const tables[] = {"daily_sales", "concentration", "histograms",
                                         "categories",  "weekdays",      "event_counts",
                                         "event_hours", "ratings",       "quality",
                                         "drift",       NULL};
    return prelude_run(w->d, e) && work_windows(w, e) &&
           make(w, f, "profile.parquet", profile_tables, s, e) &&
           prelude_tables(w, f, "05_eda", tables, e) && make(w, f, "eda.html", write_page, s, e) &&
           make(w, f, "data.json", data_page_write, s, e);
}

const stage stage_eda = {
    .number = "05",
    .word = "eda",
    .title = "Profiles every table on one page to look at: eda.html.",
    .reads = "files mapping quarantine_raw articles customers transactions guest_sales reviews "
             "events stock links merges quarantine_clean contract_findings accounting windows "
             "b_articles c_customers e_reviews f_events f_sessions customer_features weekly_sales",
    .writes = "profile daily_sales concentration histograms categories weekdays event_counts "
              "event_hours ratings quality drift eda.html data.json",
    .run = run,
};
