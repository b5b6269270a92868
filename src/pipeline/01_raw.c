/* 01_raw: the shop's files as typed tables, row for row, with quarantine and accounting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/prelude.h"
#include "pipeline/raw_before.h"
#include "pipeline/stage.h"

typedef struct accounts { /* what becomes the tables files and mapping */
    text files, mapping;  /* rows of VALUES lists */
} accounts;

typedef struct reading { /* of the whole shop */
    work *w;
    shop p;
    forgotten gone;
    raw_before *before;
    raw_now *now;    /* [p.n_used] */
    columns mapping; /* of the earlier run, when there is one */
    bool linked[6];  /* sources whose table is the earlier file itself */
    bool straight[6];      /* whose rows went into the new file as they were read */
    const char *files[6];  /* of those, as a relation */
    table_loaded *loaded;  /* [p.n_used] of those */
    accounts a;
    scope *s;
} reading;

static char *table_of(int source, char to[32]) {
    snprintf(to, 32, "raw_%s", contract_sources[source].source);
    return to;
}

static const char quarantine[] = "quarantine_raw";

/* Tables or views of an earlier run in this engine give way. */
static bool clear(work *w, const char *table, err *e) {
    err ignored = {0};
    db_runf(w->d, &ignored, "DROP VIEW IF EXISTS %s", table);
    return db_runf(w->d, e, "DROP TABLE IF EXISTS %s", table);
}

/* ---- rows of files and mapping ---- */

static void add_mapping(accounts *a, int src_file, int position, slice header,
                        const char *to, const char *how, arena scratch) {
    text_addf(&a->mapping, "%s(%d, %d, %s, %s, '%s')", a->mapping.n ? ", " : "", src_file, position,
              header.p ? db_literal(&scratch, header) : "NULL",
              to ? db_literal(&scratch, slice_of(to)) : "NULL", how);
}

static void add_file(accounts *a, const shop_file *f, const raw_now *now, const table_count *c,
                     arena scratch) {
    text_addf(&a->files, "%s(%d, %s, %s, %lld, %s, %lld, %lld, %lld, 0, %lld, %s)",
              a->files.n ? ", " : "", f->number,
              f->source < 0 ? "NULL"
                            : db_literal(&scratch, slice_of(contract_sources[f->source].source)),
              db_literal(&scratch, slice_of(f->name)), now ? (long long)now->bytes : 0,
              now ? db_literal(&scratch, slice_of(now->sha.hex)) : "NULL", (long long)c->seen,
              (long long)c->accepted, (long long)c->quarantined, (long long)c->blank,
              now ? db_literal(&scratch, slice_of(now->reading.hex)) : "NULL");
}

static void map_headers(accounts *a, int src_file, const contract *c, const table_loaded *in,
                        arena scratch) {
    for (int h = 0; h < in->n; h++) {
        const char *to = NULL;
        contract_how how = HOW_UNUSED;
        for (int i = 0; i < c->n; i++)
            if (in->match.header_of[i] == h) to = c->columns[i].name, how = in->match.how[i];
        add_mapping(a, src_file, h + 1, in->headers[h], to, contract_how_word(how), scratch);
    }
}

/* ---- what is said ---- */

static void say_mapping(const work *w, const shop_file *f, const contract *c,
                        const table_loaded *in) {
    work_say(w, "%s: %s, %lld rows%s", f->name, c->source, (long long)in->count.accepted,
             in->count.seen > in->count.accepted ? "" : ", every one accepted");
    for (int i = 0; i < c->n; i++) {
        int at = in->match.header_of[i];
        if (at < 0) continue;
        work_say(w, "  %-16s <- %-28.*s %s", c->columns[i].name, (int)in->headers[at].n,
                 in->headers[at].p, contract_how_word(in->match.how[i]));
    }
    text unused = {0};
    for (int h = 0; h < in->n; h++) {
        bool used = false;
        for (int i = 0; i < c->n; i++) used = used || in->match.header_of[i] == h;
        if (!used)
            text_addf(&unused, "%s%.*s", unused.n ? ", " : "", (int)in->headers[h].n,
                      in->headers[h].p);
    }
    if (unused.n) work_say(w, "  %-16s    %.300s", "(unused)", unused.p);
    text_free(&unused);
    if (in->count.quarantined > 0)
        work_say(w, "  %lld rows to quarantine, such as:", (long long)in->count.quarantined);
    for (int i = 0; i < in->count.n_examples; i++) work_say(w, "    %s", in->count.examples[i]);
    if (in->count.blank > 0) work_say(w, "  %lld blank lines", (long long)in->count.blank);
}

/* ---- one file ---- */

typedef struct ticking {
    const work *w;
    const char *name;
    int file, files;
} ticking;

static void tick(void *what, double share) {
    const ticking *t = what;
    work_tick(t->w, t->name, (int64_t)((t->file + share) * 1000), (int64_t)t->files * 1000);
}

/* seen = accepted + quarantined + blank, by the reader's count and by the tables' own rows. */
static bool check_accounts(const work *w, const shop_file *f, const char *table, int src_file,
                           const table_count *c, err *e) {
    int64_t rows, bad;
    if (!db_count(w->d, &rows, e, "SELECT count(*) FROM %s WHERE src_file = %d", table, src_file) ||
        !db_count(w->d, &bad, e, "SELECT count(*) FROM %s WHERE src_file = %d", quarantine,
                  f->number))
        return false;
    if (rows == c->accepted && bad == c->quarantined &&
        c->seen == c->accepted + c->quarantined + c->blank)
        return true;
    return fail(e,
                "%s: the accounts do not agree: %lld rows seen, %lld accepted (%lld in the table), "
                "%lld quarantined (%lld in the table), %lld blank",
                f->path, (long long)c->seen, (long long)c->accepted, (long long)rows,
                (long long)c->quarantined, (long long)bad, (long long)c->blank);
}

static const char incoming[] = "raw_incoming";

/* The rows of forgotten customers go to quarantine without their content; the others to `table`:
 * what is taken out of a table leaves gaps by which its file would be cut otherwise. */
static bool leave_out(work *w, const forgotten *gone, const table_load *l, const char *table,
                      table_count *count, err *e) {
    int64_t moved;
    char sql[120];
    if (gone->n == 0) return true;
    snprintf(sql, sizeof sql, "INSERT INTO %s FROM %s; DROP TABLE %s", table, incoming, incoming);
    if (!forgotten_leave_out(w->d, gone, l->c, l->table, quarantine, l->src_file, &moved, e) ||
        !table_insert(w->d, slice_of(sql), e))
        return false;
    count->accepted -= moved;
    count->quarantined += moved;
    return true;
}

/* What was read of a file becomes its accounts; its rows stand in `rows`. */
static bool enter(reading *r, int index, const char *rows, const table_loaded *in, err *e) {
    const shop_file *f = &r->p.files[index];
    const contract *c = &contract_sources[f->source];
    if (!check_accounts(r->w, f, rows, f->number, &in->count, e)) return false;
    add_file(&r->a, f, &r->now[index], &in->count, r->s->keep);
    map_headers(&r->a, f->number, c, in, r->s->keep);
    say_mapping(r->w, f, c, in);
    return true;
}

static bool passes(const shop_file *f, const table_count *c, err *e) {
    if (c->accepted > 0 || c->quarantined == 0) return true;
    refuse(e, "no row of %s passes as %s; the first of %lld: %s", f->path,
           contract_sources[f->source].source, (long long)c->quarantined, c->examples[0]);
    return fail_cause(e, "bad_data");
}

static table_load load_of(const reading *r, int index, const char *table, const char *bad) {
    const shop_file *f = &r->p.files[index];
    return (table_load){.path = f->path,
                        .map = r->p.config.maps[f->source],
                        .c = &contract_sources[f->source],
                        .table = table,
                        .quarantine = bad,
                        .src_file = f->number};
}

static bool parse(reading *r, int index, err *e) {
    work *w = r->w;
    const shop_file *f = &r->p.files[index];
    char table[32];
    table_loaded in;
    ticking t = {w, f->name, index, r->p.n_used};
    table_of(f->source, table);
    table_load l = load_of(r, index, r->gone.n ? incoming : table, quarantine);
    l.threads = w->threads;
    l.tick = tick;
    l.what = &t;
    return table_load_file(w->d, &l, &r->s->keep, &in, e) && passes(f, &in.count, e) &&
           leave_out(w, &r->gone, &l, table, &in.count, e) && enter(r, index, table, &in, e);
}

/* The earlier run's rows of a file that is as it was; `linked`: its table is there as a whole. */
static bool take_over(reading *r, int index, bool linked, err *e) {
    const shop_file *f = &r->p.files[index];
    char table[32];
    int was = r->now[index].was, number = raw_before_number(r->before, was);
    table_count count = raw_before_count(r->before, was);
    table_of(f->source, table);
    const char *rows = linked ? raw_before_table(r->before, table, r->s) : table;
    if ((!linked && !raw_before_take(r->w, r->before, table, was, f->number, r->s, e)) ||
        !raw_before_take(r->w, r->before, quarantine, was, f->number, r->s, e) ||
        !check_accounts(r->w, f, rows, f->number, &count, e))
        return false;
    add_file(&r->a, f, &r->now[index], &count, r->s->keep);
    for (int64_t i = 0; i < r->mapping.rows; i++) {
        slice to = columns_text(&r->mapping, "column_name")[i];
        if (columns_i32(&r->mapping, "src_file")[i] == number)
            add_mapping(&r->a, f->number, columns_i32(&r->mapping, "position")[i],
                        columns_text(&r->mapping, "header")[i],
                        to.n ? slice_copy(&r->s->keep, to) : NULL,
                        slice_copy(&r->s->keep, columns_text(&r->mapping, "how")[i]), r->s->keep);
    }
    work_say(r->w, "%s: unchanged, %lld rows", f->name, (long long)count.accepted);
    return db_runf(r->w->d, e, "INSERT INTO files_unchanged VALUES (%s)",
                   db_literal(&r->s->keep, slice_of(f->name)));
}

/* ---- sources that are read as a whole ---- */

static const char set_aside[] = "quarantine_of_"; /* and the source */

static bool enter_straight(reading *r, int index, err *e) {
    const shop_file *f = &r->p.files[index];
    char sql[160];
    snprintf(sql, sizeof sql, "INSERT INTO %s FROM %s%s WHERE src_file = %d", quarantine, set_aside,
             contract_sources[f->source].source, f->number);
    return passes(f, &r->loaded[index].count, e) && table_insert(r->w->d, slice_of(sql), e) &&
           enter(r, index, r->files[f->source], &r->loaded[index], e);
}

typedef struct straight { /* one source on its way into its file, on a thread of its own */
    const reading *r;
    int source, from, n;      /* its files in p */
    int64_t bytes;
    const char *path;
    pool *threads;
    bool shown, done;
    scope s;
    err e;
} straight;

static void tick_bytes(void *what, double share) {
    const straight *t = what;
    if (t->shown) work_tick(t->r->w, "reading the shop's files", (int64_t)(share * 1000), 1000);
}

static void read_straight(void *what, int64_t chunk, arena scratch) {
    straight *t = &((straight *)what)[chunk];
    const reading *r = t->r;
    db *d = NULL;
    (void)scratch;
    const char *bad = arena_text(&t->s.keep, "%s%s", set_aside, contract_sources[t->source].source);
    table_load *all = take(&t->s.keep, table_load, t->n);
    for (int i = 0; i < t->n; i++) {
        all[i] = load_of(r, t->from + i, NULL, bad);
        all[i].threads = t->threads;
        all[i].tick = tick_bytes;
        all[i].what = t;
    }
    t->done = db_beside(&d, r->w->d, &t->e) &&
              table_stream_files(d, all, t->n, t->path, &t->s.keep, &r->loaded[t->from], &t->e);
    db_close(d);
}

static int by_bytes(const void *a, const void *b) {
    const straight *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes < y->bytes) - (x->bytes > y->bytes)
                                : x->source - y->source;
}

/* A source none of whose rows comes from elsewhere needs no table of the engine: text files, all of
 * them new or changed, in a shop that has forgotten nobody. */
static bool is_straight(const reading *r, int source, straight *t) {
    *t = (straight){0};
    for (int i = r->p.n_used - 1; i >= 0; i--) {
        if (r->p.files[i].source != source) continue;
        if (r->now[i].was >= 0 || !table_is_csv(r->p.files[i].path)) return false;
        t->from = i;
        t->n++;
        t->bytes += r->now[i].bytes;
    }
    return t->n > 0 && r->gone.n == 0;
}

static void close_straight(void *what) { scope_close(&((straight *)what)->s); }

static bool make_straight(reading *r, folder *f, straight *t, err *e) {
    char table[32], bad[64];
    arena *keep = &r->s->keep;
    int source = t->source;
    const contract *c = &contract_sources[source];
    t->r = r;
    t->path = folder_path(f, arena_text(keep, "%s.parquet", table_of(source, table)));
    snprintf(bad, sizeof bad, "%s%s", set_aside, c->source);
    r->files[source] = arena_text(keep, "read_parquet(%s)", db_literal(keep, slice_of(t->path)));
    r->straight[source] = true;
    if (!clear(r->w, bad, e) || !table_make(r->w->d, c, table, bad, e) ||
        !scope_open(&t->s, (size_t)64 << 20, 0, e))
        return false;
    scope_defer(r->s, close_straight, t);
    return true;
}

/* Of several that failed the first by source is told. */
static bool tell_failed(const straight *all, int n, err *e) {
    const straight *first = NULL;
    for (int i = 0; i < n; i++)
        if (!all[i].done && (!first || all[i].source < first->source)) first = &all[i];
    if (first) *e = first->e;
    return first == NULL;
}

/* Such sources are read at the same time, each on one thread, the largest first. */
static bool run_straight(reading *r, folder *f, err *e) {
    int n = 0;
    int64_t threads;
    err later = {0};
    straight *all = take(&r->s->keep, straight, 7);
    r->loaded = take(&r->s->keep, table_loaded, r->p.n_used);
    for (int i = 0; i < 6; i++)
        if (is_straight(r, i, &all[n])) all[n++].source = i;
    qsort(all, (size_t)n, sizeof *all, by_bytes);
    for (int i = 0; i < n; i++)
        if (!make_straight(r, f, &all[i], e)) return false;
    if (n > 0) all[0].shown = true;
    if (!db_count(r->w->d, &threads, e, "SELECT current_setting('threads')") ||
        !db_run(r->w->d, SLICE("SET threads = 1"), e))
        return false;
    if (n > 1 && r->w->threads) pool_for(r->w->threads, n, read_straight, all);
    else
        for (int i = 0; i < n; i++) {
            all[i].threads = r->w->threads;
            read_straight(all, i, r->s->scratch);
        }
    bool done = tell_failed(all, n, e);
    bool restored = db_runf(r->w->d, &later, "SET threads = %lld", (long long)threads);
    if (done && !restored) *e = later;
    return done && restored;
}

/* One transaction a file: the groups into which the engine cuts a table then depend on the numbers
 * of the files' rows and on nothing else, and so do the bytes of the Parquet file. */
static bool load(reading *r, int index, err *e) {
    const shop_file *f = &r->p.files[index];
    char table[32];
    err ignored = {0};
    bool linked = r->linked[f->source];
    bool take = r->now[index].was >= 0 &&
                raw_before_table(r->before, table_of(f->source, table), r->s) != NULL;
    if (!db_run(r->w->d, SLICE("BEGIN TRANSACTION"), e)) return false;
    bool done = (r->straight[f->source] ? enter_straight(r, index, e)
                 : take                 ? take_over(r, index, linked, e)
                                        : parse(r, index, e)) &&
                db_run(r->w->d, SLICE("COMMIT"), e);
    if (!done) db_run(r->w->d, SLICE("ROLLBACK"), &ignored);
    return done;
}

static void note_unused(reading *r) {
    const table_count none = {0};
    for (int i = r->p.n_used; i < r->p.n; i++) {
        const shop_file *f = &r->p.files[i];
        work_say(r->w, "%s: not used (%s)", f->name, f->why);
        add_file(&r->a, f, NULL, &none, r->s->keep);
        add_mapping(&r->a, f->number, 0, (slice){0}, NULL, "unused", r->s->keep);
    }
}

/* ---- the step ---- */

static bool write_table(work *w, folder *f, const char *table, scope *s, err *e) {
    char *file = arena_text(&s->keep, "%s.parquet", table);
    int64_t rows;
    return db_count(w->d, &rows, e, "SELECT count(*) FROM %s", table) &&
           db_write_parquet(w->d, table, folder_path(f, file), e) && folder_rows(f, file, rows) &&
           db_runf(w->d, e, "DROP TABLE %s", table);
}

static bool make_tables(work *w, err *e) {
    char table[32];
    static const char *const others[] = {incoming, quarantine, "files", "mapping"};
    for (int i = 0; i < 4; i++)
        if (!clear(w, others[i], e)) return false;
    for (int i = 0; i < 6; i++)
        if (!clear(w, table_of(i, table), e) ||
            !table_make(w->d, &contract_sources[i], table, quarantine, e))
            return false;
    return db_run(w->d,
                  SLICE("CREATE TABLE files (src_file INTEGER, source VARCHAR, path VARCHAR, bytes "
                        "BIGINT, sha256 VARCHAR, seen BIGINT, accepted BIGINT, quarantined BIGINT, "
                        "merged BIGINT, blank BIGINT, reading VARCHAR); CREATE TABLE mapping "
                        "(src_file INTEGER, position INTEGER, header VARCHAR, column_name VARCHAR, "
                        "how VARCHAR); CREATE OR REPLACE TABLE files_unchanged (path VARCHAR)"),
                  e);
}

/* The file of an unchanged table gets one name more; nothing is ever written into it. */
static bool link_table(const reading *r, folder *f, int source, err *e) {
    char table[32];
    int64_t rows;
    table_of(source, table);
    char *file = arena_text(&r->s->keep, "%s.parquet", table);
    return db_count(r->w->d, &rows, e, "SELECT count(*) FROM %s",
                    raw_before_table(r->before, table, r->s)) &&
           raw_before_link(r->before, table, folder_path(f, file), e) &&
           folder_rows(f, file, rows) && db_runf(r->w->d, e, "DROP TABLE %s", table);
}

/* The file is there already. */
static bool finish_straight(const reading *r, folder *f, int source, err *e) {
    char table[32];
    int64_t rows = 0;
    table_of(source, table);
    for (int i = 0; i < r->p.n_used; i++)
        if (r->p.files[i].source == source) rows += r->loaded[i].count.accepted;
    return folder_rows(f, arena_text(&r->s->keep, "%s.parquet", table), rows) &&
           db_runf(r->w->d, e, "DROP TABLE %s; DROP TABLE %s%s", table, set_aside,
                   contract_sources[source].source);
}

static bool write_tables(const reading *r, folder *f, err *e) {
    char table[32];
    work *w = r->w;
    if (!db_runf(w->d, e, "INSERT INTO files VALUES %s; INSERT INTO mapping VALUES %s",
                 r->a.files.p, r->a.mapping.p))
        return false;
    for (int i = 0; i < 6; i++)
        if (!(r->linked[i]     ? link_table(r, f, i, e)
              : r->straight[i] ? finish_straight(r, f, i, e)
                               : write_table(w, f, table_of(i, table), r->s, e)))
            return false;
    return write_table(w, f, "files", r->s, e) && write_table(w, f, "mapping", r->s, e) &&
           write_table(w, f, quarantine, r->s, e);
}

/* What of the shop is as it was when the folder of an earlier run was made. */
static bool compare(reading *r, err *e) {
    char table[32];
    r->before = raw_before_open(r->w, r->s);
    r->now = take(&r->s->keep, raw_now, r->p.n_used);
    for (int i = 0; i < r->p.n_used; i++)
        if (!raw_before_find(r->before, &r->p, &r->p.files[i], &r->gone, r->s, &r->now[i], e))
            return false;
    for (int i = 0; i < 6; i++)
        r->linked[i] = raw_before_is_whole(r->before, &r->p, r->now, i) &&
                       raw_before_table(r->before, table_of(i, table), r->s);
    const char *mapping = raw_before_table(r->before, "mapping", r->s);
    return !mapping || db_query(r->w->d, &r->s->keep, &r->mapping, e,
                                "SELECT * EXCLUDE (file_row_number) FROM %s", mapping);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    reading *r = take(&s->keep, reading, 1);
    r->w = w;
    r->s = s;
    text_open(&r->a.files, s);
    text_open(&r->a.mapping, s);
    if (!make_tables(w, e) || !shop_read(w, s, &r->p, e) ||
        !forgotten_read(w->shop, s, &r->gone, e) || !prelude_run(w->d, e) ||
        !forgotten_table(w->d, &r->gone, e) || !compare(r, e) || !run_straight(r, f, e))
        return false;
    for (int i = 0; i < r->p.n_used; i++)
        if (!load(r, i, e)) return false;
    note_unused(r);
    return write_tables(r, f, e);
}

const stage stage_raw = {"01",
                         "raw",
                         "Reads the shop's files, row by row, by contract.",
                         "",
                         "raw_articles raw_customers raw_transactions raw_reviews raw_events "
                         "raw_stock files mapping quarantine_raw",
                         run};
