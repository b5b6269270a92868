/* verb_quarantine: the rows that a run set aside: counted, shown, and tried again when mended. */
#include <stdio.h>
#include <string.h>

#include "surfaces/quarantine.h"

static int shown(slice s, int most) { return (int)(s.n < (size_t)most ? s.n : (size_t)most); }

static void put_text(js *out, const char *key, slice value) {
    if (value.p) js_put_text(out, key, value);
    else js_put_null(out, key);
}

/* The columns that rows and groups share. */
static void put_reason(js *out, const columns *c, int64_t i) {
    static const char *const names[] = {"file", "source", "step", "rule", "column_name"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        put_text(out, k == 4 ? "column" : names[k], columns_text(c, names[k])[i]);
    js_put_int(out, "line", columns_i64(c, "line")[i]);
    put_text(out, "observed", columns_text(c, "observed")[i]);
    put_text(out, "expected", columns_text(c, "expected")[i]);
}

static void print_reason(const columns *c, int64_t i) {
    slice name = columns_text(c, "column_name")[i], observed = columns_text(c, "observed")[i],
          expected = columns_text(c, "expected")[i];
    if (name.p) printf("%.*s ", (int)name.n, name.p);
    if (observed.p) printf("'%.*s', ", shown(observed, 60), observed.p);
    else printf("nothing, ");
    printf("expected %.*s\n", (int)expected.n, expected.p ? expected.p : "");
}

/* ---- list: one line a file, step and rule, with its first row as an example ---- */

static bool list(quarantine *q, err *e) {
    columns c;
    int64_t total = 0;
    if (!db_query(q->d, &q->s->keep, &c, e,
                  "SELECT file, source, step, rule, count(*) AS rows, min(line) AS line, "
                  "arg_min(column_name, line) AS column_name, arg_min(observed, line) AS observed, "
                  "arg_min(expected, line) AS expected FROM set_aside WHERE %s "
                  "GROUP BY src_file, file, source, step, rule ORDER BY src_file, step DESC, rule",
                  q->where))
        return false;
    bool quiet = args_json(q->a);
    if (!quiet && c.rows)
        printf("%-28s %-6s %-22s %9s  %s\n", "file", "step", "rule", "rows", "first");
    js_array(q->out, "groups");
    for (int64_t i = 0; i < c.rows; i++) {
        int64_t rows = columns_i64(&c, "rows")[i];
        total += rows;
        js_object(q->out, NULL);
        put_reason(q->out, &c, i);
        js_put_int(q->out, "rows", rows);
        js_end(q->out);
        if (quiet) continue;
        slice file = columns_text(&c, "file")[i], step = columns_text(&c, "step")[i],
              rule = columns_text(&c, "rule")[i];
        printf("%-28.*s %-6.*s %-22.*s %9lld  line %lld: ", (int)file.n, file.p, (int)step.n,
               step.p, (int)rule.n, rule.p, (long long)rows, (long long)columns_i64(&c, "line")[i]);
        print_reason(&c, i);
    }
    js_end(q->out);
    js_put_int(q->out, "rows", total);
    if (!quiet) printf("%s%lld rows in quarantine\n", c.rows ? "\n" : "", (long long)total);
    return true;
}

/* ---- show: the rows themselves ---- */

/* Rows to be mended are of one file, as the header is. */
static bool write_rows(quarantine *q, const columns *c, err *e) {
    const char *to = args_text(q->a, "to"), *file = args_text(q->a, "file");
    if (!to) return true;
    if (!file) return refuse(e, "--to writes rows under their header, so it needs --file");
    if (c->rows == 0) return refuse(e, "no row in quarantine is left by these options");
    const char *from = arena_text(&q->s->keep, "%s/%s", q->shop ? q->shop : ".", file);
    js_put_word(q->out, "written", to);
    return quarantine_same_file(q, file, from, e) && quarantine_write(q, from, c, to, e);
}

static bool show(quarantine *q, err *e) {
    columns c;
    int64_t total, most = args_int(q->a, "limit");
    if (args_text(q->a, "to") && !args_given(q->a, "limit")) most = INT32_MAX;
    if (!db_count(q->d, &total, e, "SELECT count(*) FROM set_aside WHERE %s", q->where) ||
        !db_query(q->d, &q->s->keep, &c, e,
                  "SELECT file, source, step, line, rule, column_name, observed, expected, raw "
                  "FROM set_aside WHERE %s ORDER BY src_file, line LIMIT %lld",
                  q->where, (long long)most) ||
        !write_rows(q, &c, e))
        return false;
    js_put_int(q->out, "rows_total", total);
    js_array(q->out, "rows");
    for (int64_t i = 0; i < c.rows; i++) {
        js_object(q->out, NULL);
        put_reason(q->out, &c, i);
        put_text(q->out, "raw", columns_text(&c, "raw")[i]);
        js_end(q->out);
        if (args_json(q->a) || args_text(q->a, "to")) continue;
        slice file = columns_text(&c, "file")[i], rule = columns_text(&c, "rule")[i],
              raw = columns_text(&c, "raw")[i];
        printf("%.*s:%lld: %.*s: ", (int)file.n, file.p, (long long)columns_i64(&c, "line")[i],
               (int)rule.n, rule.p);
        print_reason(&c, i);
        printf("    %.*s\n", shown(raw, 200), raw.p ? raw.p : "");
    }
    js_end(q->out);
    if (!args_json(q->a))
        printf("\n%lld of %lld rows%s%s\n", (long long)c.rows, (long long)total,
               args_text(q->a, "to") ? " written to " : "",
               args_text(q->a, "to") ? args_text(q->a, "to") : "");
    return true;
}

/* ---- the command ---- */

static bool run(const args *a, scope *s, js *out, err *e) {
    static const char *const words[] = {"list", "show", "replay"};
    static bool (*const acts[])(quarantine *, err *) = {list, show, quarantine_replay};
    quarantine q;
    const char *word = args_word(a, 0), *root = args_words(a) > 1 ? args_word(a, 1) : "atelier-out";
    for (int i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0)
            return quarantine_open(a, root, s, out, &q, e) && acts[i](&q, e);
    const char *near = slice_nearest(slice_of(word), words, 3);
    return refuse(e, "atelier quarantine does list, show or replay, not '%s'%s%s%s", word,
                  near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static const option options[] = {
    {"file", OPTION_TEXT, "NAME", "only rows of this file of the shop"},
    {"step", OPTION_CHOICE, "raw|clean", "only rows set aside in reading, or in cleaning"},
    {"rule", OPTION_TEXT, "RULE", "only rows that failed this rule"},
    {"limit", OPTION_INT, "N", "rows to show", .value = "20", .low = 1, .high = 1e9},
    {"to", OPTION_TEXT, "FILE", "show: write the records and their header there, to be mended"},
    {"in", OPTION_TEXT, "FILE", "replay: mended rows of --file, under its header"},
    {"shop", OPTION_TEXT, "DIR", "folder of the raw files (default: that of the run)"},
    {"threads", OPTION_INT, "N", "threads (default: all processors)", .low = 1, .high = 256},
    {0}};

const verb verb_quarantine = {"quarantine",
                              "list|show|replay [OUT]",
                              "shop",
                              "Count, show and try again the rows that a run set aside.",
                              "atelier quarantine show atelier-out --file sales.csv --to mend.csv",
                              1,
                              2,
                              options,
                              run};
