/* quarantine_replay: reads a shop again, as it is or with mended rows, and says what now passes.
 *
 * Steps raw and clean run over the shop (and the mended rows, as one file more) into a folder that
 * is gone afterwards, so a row passes here exactly when it will pass in the next run. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "pipeline/plan.h"
#include "surfaces/progress.h"
#include "surfaces/quarantine.h"

static void sweep(void *what) { folder_sweep(what, "replay"); }

static void close_pool(void *what) { pool_close(what); }

static void done(void *what, const stage *step, const plan_result *result) {
    (void)what, (void)step, (void)result;
}

/* Of all that the steps say, only why a file is passed over matters: what fails is listed. */
typedef struct heard {
    progress shown;
    text passed_over; /* lines */
} heard;

static void tick(void *what, const char *label, int64_t so_far, int64_t total) {
    const heard *h = what;
    h->shown.tick(h->shown.what, label, so_far, total);
}

static void hear(void *what, const char *line) {
    if (strstr(line, ": not used (")) text_addf(&((heard *)what)->passed_over, "%s\n", line);
}

/* Both steps; from then on q->d has their tables, what they set aside (trial) and what they took
 * (read_rows). */
static bool try_shop(quarantine *q, const char *shop, heard *h, err *e) {
    progress_view view;
    plan_result results[10] = {0};
    plan_watch watch = {.clock = args_clock, .done = done};
    work w = {.shop = shop, .d = q->d, .n_threads = verb_threads(q->a), .seed = 1,
              .memory_mb = verb_memory_mb()};
    w.out = arena_text(&q->s->keep, "%s/.replay.tmp-out", q->root);
    w.threads = pool_open(w.n_threads, (size_t)4 << 30, e);
    if (!w.threads) return false;
    scope_defer(q->s, close_pool, w.threads);
    w.progress = progress_open(&view);
    h->shown = w.progress;
    w.progress = (progress){.what = h, .tick = tick, .say = hear};
    bool ran = plan_run(&w, 0, 1, results, &watch, e);
    progress_close(&view);
    return ran &&
           db_run(q->d,
                  SLICE("CREATE VIEW trial AS SELECT f.path AS file, q.* FROM ("
                        "SELECT * FROM quarantine_raw UNION ALL SELECT * FROM quarantine_clean) "
                        "AS q JOIN files f USING (src_file);\n"
                        "CREATE VIEW read_rows AS SELECT src_file, src_line FROM raw_articles "
                        "UNION ALL SELECT src_file, src_line FROM raw_customers "
                        "UNION ALL SELECT src_file, src_line FROM raw_transactions "
                        "UNION ALL SELECT src_file, src_line FROM raw_reviews "
                        "UNION ALL SELECT src_file, src_line FROM raw_events "
                        "UNION ALL SELECT src_file, src_line FROM raw_stock"),
                  e);
}

/* ---- the shop as it is ---- */

/* Of each row that was set aside: it passes, it fails (by which rule now), or its file has no such
 * line any more. A row that moved to another line is known by its bytes. */
static bool judge(quarantine *q, err *e) {
    return db_runf(q->d, e,
                   "CREATE TABLE judged AS WITH "
                   "read AS (SELECT f.path AS file, l.src_line AS line FROM read_rows l "
                   "JOIN files f USING (src_file)), "
                   "moved AS (SELECT DISTINCT file, raw FROM trial WHERE raw IS NOT NULL) "
                   "SELECT s.*, t.rule AS rule_now, CASE WHEN t.rule IS NOT NULL THEN 'fails' "
                   "WHEN m.raw IS NOT NULL THEN 'fails' WHEN r.line IS NOT NULL THEN 'passes' "
                   "ELSE 'gone' END AS verdict FROM set_aside s "
                   "LEFT JOIN trial t ON t.file = s.file AND t.src_line = s.line "
                   "LEFT JOIN moved m ON m.file = s.file AND m.raw = s.raw "
                   "LEFT JOIN read r ON r.file = s.file AND r.line = s.line WHERE %s",
                   q->where);
}

static bool say_judged(quarantine *q, err *e) {
    static const char *const verdicts[] = {"passes", "fails", "gone"};
    int64_t sums[3] = {0};
    columns c;
    if (!db_query(q->d, &q->s->keep, &c, e,
                  "SELECT file, rule, count(*) FILTER (WHERE verdict = 'passes') AS passes, "
                  "count(*) FILTER (WHERE verdict = 'fails') AS fails, "
                  "count(*) FILTER (WHERE verdict = 'gone') AS gone FROM judged "
                  "GROUP BY src_file, file, rule ORDER BY src_file, rule"))
        return false;
    bool quiet = args_json(q->a);
    if (!quiet && c.rows)
        printf("%-28s %-22s %9s %9s %9s\n", "file", "rule", "passes", "fails", "gone");
    js_array(q->out, "groups");
    for (int64_t i = 0; i < c.rows; i++) {
        slice file = columns_text(&c, "file")[i], rule = columns_text(&c, "rule")[i];
        js_object(q->out, NULL);
        js_put_text(q->out, "file", file);
        js_put_text(q->out, "rule", rule);
        if (!quiet) printf("%-28.*s %-22.*s", (int)file.n, file.p, (int)rule.n, rule.p);
        for (int k = 0; k < 3; k++) {
            int64_t n = columns_i64(&c, verdicts[k])[i];
            sums[k] += n;
            js_put_int(q->out, verdicts[k], n);
            if (!quiet) printf(" %9lld", (long long)n);
        }
        js_end(q->out);
        if (!quiet) printf("\n");
    }
    js_end(q->out);
    for (int k = 0; k < 3; k++) js_put_int(q->out, verdicts[k], sums[k]);
    js_put_int(q->out, "rows", sums[0] + sums[1] + sums[2]);
    if (quiet) return true;
    printf("\nof %lld rows in quarantine %lld now pass, %lld fail, %lld are no longer there\n",
           (long long)(sums[0] + sums[1] + sums[2]), (long long)sums[0], (long long)sums[1],
           (long long)sums[2]);
    if (sums[0]) printf("atelier run %s --out %s takes them in\n", q->shop, q->root);
    return true;
}

static bool as_it_is(quarantine *q, err *e) {
    heard *h = take(&q->s->keep, heard, 1);
    text_open(&h->passed_over, q->s);
    return try_shop(q, q->shop, h, e) && judge(q, e) && say_judged(q, e);
}

/* ---- mended rows ---- */

typedef struct mend {
    const char *in, *file; /* mended rows; the file of the shop that they are of */
    char *name;            /* of the new file in the shop: sales-replayed.csv */
    text before;           /* SQL list of the names of earlier ones */
    int64_t src_file, open; /* of the new file; rows of `file` in quarantine and not replayed */
    int64_t seen, accepted, blank;
} mend;

/* sales.csv.gz -> sales-replayed.csv, or -replayed-2.csv … where that is taken. */
static void choose_name(quarantine *q, mend *m) {
    arena *keep = &q->s->keep;
    size_t n = strcspn(m->file, ".");
    text_open(&m->before, q->s);
    text_addf(&m->before, "''");
    for (int k = 1;; k++) {
        m->name = k == 1 ? arena_text(keep, "%.*s-replayed.csv", (int)n, m->file)
                         : arena_text(keep, "%.*s-replayed-%d.csv", (int)n, m->file, k);
        if (!file_exists(arena_text(keep, "%s/%s", q->shop, m->name))) return;
        text_addf(&m->before, ", %s", db_literal(keep, slice_of(m->name)));
    }
}

static bool link_file(const char *from, const char *to, err *e) {
    char real[4096];
    if (!realpath(from, real)) return fail_file(e, "read", from);
    return symlink(real, to) == 0 || fail_file(e, "create", to);
}

/* A folder of links to what is in the shop, and to the mended rows. */
static bool link_shop(quarantine *q, const mend *m, const char *to, err *e) {
    arena *keep = &q->s->keep;
    if (!file_make_folders(to, e)) return false;
    DIR *dir = opendir(q->shop);
    if (!dir) return fail_file(e, "open folder", q->shop);
    bool linked = true;
    for (struct dirent *at; linked && (at = readdir(dir)) != NULL;)
        if (at->d_name[0] != '.')
            linked = link_file(arena_text(keep, "%s/%s", q->shop, at->d_name),
                               arena_text(keep, "%s/%s", to, at->d_name), e);
    closedir(dir);
    return linked && link_file(m->in, arena_text(keep, "%s/%s", to, m->name), e);
}

/* The new file must be read as the old one was: same source, same header. */
static bool check_header(quarantine *q, mend *m, const heard *h, err *e) {
    columns c;
    const char *why = h->passed_over.n ? strstr(h->passed_over.p, m->name) : NULL;
    if (why) {
        const char *linked = strstr(why + strlen(m->name), m->name); /* its path, then the reason */
        why = linked ? linked + strlen(m->name) : strchr(why, ':');
        refuse(e, "%s%.*s", m->in, (int)strcspn(why, "\n") - (linked != NULL), why);
        return fail_cause(e, "bad_data");
    }
    const char *name = db_literal(&q->s->keep, slice_of(m->name)),
               *file = db_literal(&q->s->keep, slice_of(m->file));
    if (!db_query(q->d, &q->s->keep, &c, e,
                  "WITH h AS (SELECT path, list((header, column_name) ORDER BY position) AS header "
                  "FROM mapping JOIN files USING (src_file) GROUP BY path) "
                  "SELECT a.src_file, a.seen, a.blank, a.source IS NOT DISTINCT FROM b.source AND "
                  "x.header IS NOT DISTINCT FROM y.header AS same "
                  "FROM files a JOIN h x USING (path), files b JOIN h y USING (path) "
                  "WHERE a.path = %s AND b.path = %s", name, file))
        return false;
    if (c.rows == 0 || !columns_i32(&c, "same")[0]) {
        refuse(e, "%s must have the header of %s, in its order, to be read as the same source",
               m->in, m->file);
        return fail_cause(e, "bad_data");
    }
    m->src_file = columns_i32(&c, "src_file")[0];
    m->seen = columns_i64(&c, "seen")[0];
    m->blank = columns_i64(&c, "blank")[0];
    return true;
}

/* Rows that nobody set aside would be sold twice. */
static bool check_number(quarantine *q, mend *m, err *e) {
    int64_t bad, before;
    if (!db_count(q->d, &bad, e, "SELECT count(*) FROM trial WHERE file = %s",
                  db_literal(&q->s->keep, slice_of(m->file))) ||
        !db_count(q->d, &before, e, "SELECT CAST(sum(accepted) AS BIGINT) FROM files "
                                    "WHERE path IN (%s)", m->before.p))
        return false;
    m->open = bad - before;
    if (m->seen - m->blank <= m->open) return true;
    refuse(e, "%s has %lld rows, but only %lld rows of %s are in quarantine (%lld others were "
              "replayed before): rows that passed already would count twice",
           m->in, (long long)(m->seen - m->blank), (long long)m->open, m->file, (long long)before);
    return fail_cause(e, "bad_data");
}

/* The records that pass, in their order, as they stand in --in. */
static bool write_passing(quarantine *q, mend *m, err *e) {
    columns c;
    arena *keep = &q->s->keep;
    if (!db_query(q->d, keep, &c, e,
                  "SELECT src_line AS line FROM read_rows WHERE src_file = %lld AND src_line NOT "
                  "IN (SELECT src_line FROM trial WHERE src_file = %lld) ORDER BY src_line",
                  (long long)m->src_file, (long long)m->src_file))
        return false;
    m->accepted = c.rows;
    return c.rows == 0 ||
           quarantine_write(q, m->in, &c, arena_text(keep, "%s/%s", q->shop, m->name), e);
}

static bool say_mended(quarantine *q, const mend *m, err *e) {
    columns c;
    bool quiet = args_json(q->a);
    if (!db_query(q->d, &q->s->keep, &c, e,
                  "SELECT src_line AS line, rule, column_name, observed, expected FROM trial "
                  "WHERE src_file = %lld ORDER BY src_line", (long long)m->src_file))
        return false;
    js_array(q->out, "failing");
    for (int64_t i = 0; i < c.rows; i++) {
        slice rule = columns_text(&c, "rule")[i], observed = columns_text(&c, "observed")[i],
              expected = columns_text(&c, "expected")[i];
        js_object(q->out, NULL);
        js_put_int(q->out, "line", columns_i64(&c, "line")[i]);
        js_put_text(q->out, "rule", rule);
        js_put_text(q->out, "observed", observed.p ? observed : SLICE(""));
        js_put_text(q->out, "expected", expected.p ? expected : SLICE(""));
        js_end(q->out);
        if (!quiet && i < 20)
            printf("%s:%lld: %.*s: '%.*s', expected %.*s\n", m->in,
                   (long long)columns_i64(&c, "line")[i], (int)rule.n, rule.p, (int)observed.n,
                   observed.p ? observed.p : "", (int)expected.n, expected.p ? expected.p : "");
    }
    js_end(q->out);
    js_put_text(q->out, "file", slice_of(m->file));
    js_put_word(q->out, "written", m->accepted ? m->name : NULL);
    js_put_int(q->out, "seen", m->seen);
    js_put_int(q->out, "accepted", m->accepted);
    js_put_int(q->out, "quarantined", c.rows);
    js_put_int(q->out, "blank", m->blank);
    js_put_int(q->out, "open", m->open - m->accepted);
    if (quiet) return true;
    printf("%lld rows seen = %lld accepted + %lld quarantined + %lld blank; %lld rows of %s stay "
           "in quarantine\n", (long long)m->seen, (long long)m->accepted, (long long)c.rows,
           (long long)m->blank, (long long)(m->open - m->accepted), m->file);
    if (m->accepted)
        printf("written to %s/%s; atelier run %s --out %s takes them in\n", q->shop, m->name,
               q->shop, q->root);
    return true;
}

static bool mended(quarantine *q, mend *m, err *e) {
    const char *links = arena_text(&q->s->keep, "%s/.replay.tmp-shop", q->root);
    heard *h = take(&q->s->keep, heard, 1);
    text_open(&h->passed_over, q->s);
    choose_name(q, m);
    return link_shop(q, m, links, e) && try_shop(q, links, h, e) && check_header(q, m, h, e) &&
           check_number(q, m, e) && write_passing(q, m, e) && say_mended(q, m, e);
}

/* ---- the act ---- */

bool quarantine_replay(quarantine *q, err *e) {
    mend m = {.in = args_text(q->a, "in"), .file = args_text(q->a, "file")};
    if (!q->shop) return refuse(e, "%s does not say where its raw files are: name them by --shop",
                                q->root);
    if (m.in && !m.file)
        return refuse(e, "--in needs --file: the file of the shop whose rows it mends");
    if (m.in && (args_given(q->a, "step") || args_given(q->a, "rule")))
        return refuse(e, "--step and --rule choose rows of the run, and --in brings its own");
    folder_sweep(q->root, "replay"); /* of one that was killed */
    scope_defer(q->s, sweep, (void *)q->root);
    if (m.in) return mended(q, &m, e);
    return as_it_is(q, e);
}
