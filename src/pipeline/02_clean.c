/* 02_clean: raw rows become clean tables: keys, links, one rule per SQL file, merges, accounting.
 *
 * The rules are the files sql/02_clean/rules/SOURCE/NN_name.sql in the order of their names; each
 * returns the rows that fail it. The shop's own contracts (contract_rules.h) come after them. A row
 * goes to quarantine_clean under the first rule that it fails, and the tables are made of the rows
 * that are not there. */
#include <string.h>

#include "base/embed.h"
#include "data/event_names.h"
#include "pipeline/contract_rules.h"
#include "pipeline/part.h"
#include "pipeline/prelude.h"
#include "pipeline/stage.h"

static const char rules_at[] = "sql/02_clean/rules/";

/* Splits sql/02_clean/rules/events/20_event_unknown.sql into events and event_unknown. */
static bool split_rule(const char *path, slice *source, slice *name) {
    const char *from = path + strlen(rules_at), *slash = strchr(from, '/'), *dot;
    if (!slash || !(dot = strrchr(slash, '.')) || dot - slash < 5) return false;
    *source = (slice){from, (size_t)(slash - from)};
    *name = (slice){slash + 4, (size_t)(dot - slash) - 4}; /* after "/NN_" */
    return true;
}

static bool run_rule(db *d, const embed_file *file, int place, err *e) {
    slice source, name, sql = {(const char *)file->bytes, file->n};
    if (!split_rule(file->path, &source, &name))
        return fail(e, "%s is not named SOURCE/NN_name.sql", file->path);
    return (db_runf(d, e, "INSERT INTO clean_rules VALUES ('%.*s', '%.*s', %d)", (int)source.n,
                    source.p, (int)name.n, name.p, place) &&
            db_runf(d, e,
                    "INSERT INTO quarantine_clean SELECT src_file, src_line, '%.*s', column_name, "
                    "observed, expected, CAST(NULL AS VARCHAR) FROM (%.*s\n) AS bad "
                    "WHERE NOT EXISTS "
                    "(SELECT 1 FROM quarantine_clean q WHERE q.src_file = bad.src_file AND "
                    "q.src_line = bad.src_line)",
                    (int)name.n, name.p, (int)sql.n, sql.p)) ||
           fail_in(e, file->path);
}

static bool run_rules(const work *w, contract_rules *contracts, err *e) {
    if (!db_run(w->d,
                SLICE("CREATE OR REPLACE TABLE clean_rules "
                      "(source VARCHAR, rule VARCHAR, place INTEGER);\n"
                      "CREATE OR REPLACE TABLE quarantine_clean (src_file INTEGER, src_line BIGINT,"
                      " rule VARCHAR, column_name VARCHAR, observed VARCHAR, expected VARCHAR,"
                      " raw VARCHAR)"),
                e))
        return false;
    int place = 0;
    for (int i = embed_next(rules_at, 0); i >= 0; i = embed_next(rules_at, i + 1)) {
        work_tick(w, embed_files[i].path + strlen(rules_at), place, 0);
        if (!run_rule(w->d, &embed_files[i], ++place, e)) return false;
    }
    return contract_rules_judge(w, contracts, place + 1, e);
}

/* Puts the canonical values of each row that is set aside beside it, separated by commas. */
static bool show_rows(const work *w, const char *source, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT column_name FROM (DESCRIBE raw_%s) WHERE column_name NOT LIKE 'src_%%'",
                  source))
        return false;
    text sql = {0};
    text_add(&sql, SLICE("UPDATE quarantine_clean AS q SET raw = concat_ws(','"));
    for (int64_t i = 0; i < c.rows; i++)
        text_addf(&sql, ", coalesce(CAST(r.%s AS VARCHAR), '')",
                  db_name(&s->keep, columns_text(&c, "column_name")[i]));
    text_addf(&sql, ") FROM raw_%s AS r WHERE r.src_file = q.src_file AND r.src_line = q.src_line",
              source);
    bool done = db_run(w->d, text_slice(&sql), e);
    text_free(&sql);
    return done;
}

static bool show_all_rows(const work *w, scope *s, err *e) {
    static const char *const sources[] = {"articles", "customers", "transactions",
                                          "reviews",  "events",    "stock"};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        if (!show_rows(w, sources[i], s, e)) return false;
    return true;
}

static bool write_ordered(const work *w, folder *f, const char *table, const char *order, err *e) {
    const char *file = arena_text(&f->owner->keep, "%s.parquet", table);
    int64_t rows = 0;
    return db_runf(w->d, e, "CREATE OR REPLACE TABLE %s AS SELECT * FROM %s ORDER BY %s", table,
                   table, order) &&
           db_write_parquet(w->d, table, folder_path(f, file), e) &&
           db_count(w->d, &rows, e, "SELECT count(*) FROM %s", table) && folder_rows(f, file, rows);
}

/* ---- what people are told ---- */

static bool say_links(const work *w, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT source, key, rows, matched, linked FROM links ORDER BY source, key"))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        slice source = columns_text(&c, "source")[i], key = columns_text(&c, "key")[i];
        int64_t rows = columns_i64(&c, "rows")[i], matched = columns_i64(&c, "matched")[i];
        bool linked = columns_i32(&c, "linked")[i];
        if (matched == rows) continue;
        work_say(w, "%.*s: %lld of %lld rows name a known %.*s: %s", (int)source.n, source.p,
                 (long long)matched, (long long)rows, (int)key.n, key.p,
                 linked ? "the others are set aside or stay as guests"
                        : "the file is about another catalogue and is kept without the link");
    }
    return true;
}

static bool say_quarantine(const work *w, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT f.path AS path, q.rule AS rule, count(*) AS n, min(q.src_line) AS line, "
                  "min_by(coalesce(q.observed, '(nothing)'), q.src_line) AS observed, "
                  "min_by(q.expected, q.src_line) AS expected "
                  "FROM quarantine_clean q JOIN files f ON f.src_file = q.src_file "
                  "GROUP BY f.src_file, f.path, q.rule ORDER BY f.src_file, q.rule"))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        slice path = columns_text(&c, "path")[i], rule = columns_text(&c, "rule")[i],
              observed = columns_text(&c, "observed")[i],
              expected = columns_text(&c, "expected")[i];
        work_say(w, "%.*s: %lld rows set aside by %.*s; first line %lld: %.*s, expected %.*s",
                 (int)path.n, path.p, (long long)columns_i64(&c, "n")[i], (int)rule.n, rule.p,
                 (long long)columns_i64(&c, "line")[i], (int)observed.n, observed.p,
                 (int)expected.n, expected.p);
    }
    return true;
}

/* Sales without a customer are no mistake, but whoever counts customers should know of them. */
static bool say_guests(const work *w, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT count(*) AS n, CAST(coalesce(sum(revenue), 0) AS DOUBLE) AS money, "
                  "(SELECT count(*) FROM transactions) AS others FROM guest_sales"))
        return false;
    int64_t n = columns_i64(&c, "n")[0], all = n + columns_i64(&c, "others")[0];
    if (n > 0)
        work_say(w, "%lld of %lld lines of sales name no customer (guests; worth %.2f): they count "
                    "in what articles and weeks sold, not in customers",
                 (long long)n, (long long)all, columns_real(&c, "money")[0]);
    return true;
}

/* ---- the books must balance ---- */

/* The first row of `query` (columns path, what, seen, found) is a reason to fail; none is well. */
static bool nothing_amiss(const work *w, scope *s, const char *query, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e, "%s", query)) return false;
    if (c.rows == 0) return true;
    slice path = columns_text(&c, "path")[0], what = columns_text(&c, "what")[0];
    fail(e, "%.*s: the rows do not add up: %.*s: %lld wanted, %lld found", (int)path.n, path.p,
         (int)what.n, what.p, (long long)columns_i64(&c, "wanted")[0],
         (long long)columns_i64(&c, "found")[0]);
    return fail_cause(e, "internal");
}

static bool balance(const work *w, scope *s, err *e) {
    static const char sums[] =
        "SELECT f.path AS path, a.step || ' ' || a.rule AS what, a.seen AS wanted, "
        "a.accepted + a.quarantined + a.merged + a.blank AS found "
        "FROM accounting a JOIN files f ON f.src_file = a.src_file "
        "WHERE a.seen <> a.accepted + a.quarantined + a.merged + a.blank ORDER BY a.src_file, what";
    static const char handed[] =
        "SELECT f.path AS path, 'rows from step raw' AS what, f.accepted AS wanted, "
        "coalesce(r.n, 0) AS found FROM files f LEFT JOIN ("
        "SELECT src_file, count(*) AS n FROM ("
        "SELECT src_file FROM raw_articles UNION ALL SELECT src_file FROM raw_customers "
        "UNION ALL SELECT src_file FROM raw_transactions "
        "UNION ALL SELECT src_file FROM raw_reviews "
        "UNION ALL SELECT src_file FROM raw_events UNION ALL SELECT src_file FROM raw_stock) AS x "
        "GROUP BY src_file) AS r ON r.src_file = f.src_file "
        "WHERE f.accepted <> coalesce(r.n, 0) ORDER BY f.src_file";
    return nothing_amiss(w, s, handed, e) && nothing_amiss(w, s, sums, e);
}

/* ---- the step ---- */

static bool name_events(const work *w, folder *f, err *e) {
    part p;
    return part_begin(&p, w, f, "event_names", SLICE(""), NULL, e) &&
           part_end(&p,
                    p.taken || (event_names_put(w->d, e) &&
                                write_ordered(w, f, "event_names", "alias", e)),
                    e);
}

/* All rules over all rows: who is set aside, and why. */
static bool judge_rows(const work *w, folder *f, contract_rules *contracts, scope *s, err *e) {
    return (contract_rules_change_cells(contracts) || contract_rules_find(w, contracts, e)) &&
           run_rules(w, contracts, e) && show_all_rows(w, s, e) &&
           write_ordered(w, f, "contract_findings", "source, rule", e) &&
           write_ordered(w, f, "contract_changes", "src_file, src_line, rule", e) &&
           write_ordered(w, f, "clean_rules", "place", e) &&
           write_ordered(w, f, "quarantine_clean", "src_file, src_line", e);
}

static bool judge(const work *w, folder *f, contract_rules *contracts, scope *s, err *e) {
    part p;
    return part_begin(&p, w, f, "rules", contract_rules_key(contracts), NULL, e) &&
           part_end(&p, p.taken || judge_rows(w, f, contracts, s, e), e);
}

/* Cells that a contract changes are changed in the engine before anything is made of them: what
 * the raw tables' files hold is not what parts read then, and all of them are made again. */
static bool change_cells(const work *w, contract_rules *contracts, err *e) {
    if (!contract_rules_change_cells(contracts)) return true;
    parts_spoil(w);
    return contract_rules_find(w, contracts, e);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    static const char *const keys[] = {"spellings", "links", "article_ids", "customer_ids", NULL};
    static const char *const tables[] = {"merges",      "articles",  "customers",   "transactions",
                                         "guest_sales", "reviews",   "visitor_ids", "events",
                                         "stock",       "accounting", NULL};
    if (!prelude_run(w->d, e)) return false;
    contract_rules *contracts = contract_rules_open(w, s, e);
    return contracts && change_cells(w, contracts, e) && name_events(w, f, e) &&
           prelude_tables(w, f, "02_clean", keys, e) && judge(w, f, contracts, s, e) &&
           prelude_tables(w, f, "02_clean", tables, e) && say_links(w, s, e) &&
           say_quarantine(w, s, e) && say_guests(w, s, e) && balance(w, s, e) &&
           contract_rules_close(w, contracts, s, e);
}

const stage stage_clean = {
    .number = "02",
    .word = "clean",
    .title = "Cleans types, keys and links, one rule at a time; every row accounted for.",
    .reads = "raw_articles raw_customers raw_transactions raw_reviews raw_events raw_stock files",
    .writes = "event_names spellings links article_ids customer_ids clean_rules quarantine_clean "
              "contract_findings contract_changes merges articles customers transactions "
              "guest_sales reviews visitor_ids events stock accounting",
    .run = run,
};
