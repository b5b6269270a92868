/* 01_raw: the shop's files as typed tables, row for row, with quarantine and accounting. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "data/table.h"
#include "pipeline/forgotten.h"
#include "pipeline/prelude.h"
#include "pipeline/shop.h"
#include "pipeline/stage.h"

typedef struct accounts { /* what becomes the tables files and mapping */
    text files, mapping;  /* rows of VALUES lists */
} accounts;

static char *table_of(int source, char to[32]) {
    snprintf(to, 32, "raw_%s", contract_sources[source].source);
    return to;
}

static const char quarantine[] = "quarantine_raw";

/* ---- rows of files and mapping ---- */

static void add_mapping(accounts *a, int src_file, int position, slice header,
                        const char *to, const char *how, arena scratch) {
    text_addf(&a->mapping, "%s(%d, %d, %s, %s, '%s')", a->mapping.n ? ", " : "", src_file, position,
              header.p ? db_literal(&scratch, header) : "NULL",
              to ? db_literal(&scratch, slice_of(to)) : "NULL", how);
}

static void add_file(accounts *a, int src_file, const shop_file *f, int64_t bytes,
                     const char *sha256, const table_count *c, arena scratch) {
    text_addf(&a->files, "%s(%d, %s, %s, %lld, %s%s%s, %lld, %lld, %lld, 0, %lld)",
              a->files.n ? ", " : "", src_file,
              f->source < 0 ? "NULL"
                            : db_literal(&scratch, slice_of(contract_sources[f->source].source)),
              db_literal(&scratch, slice_of(f->name)), (long long)bytes, sha256 ? "'" : "",
              sha256 ? sha256 : "NULL", sha256 ? "'" : "", (long long)c->seen,
              (long long)c->accepted, (long long)c->quarantined, (long long)c->blank);
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
static bool check_accounts(const work *w, const shop_file *f, int src_file, const table_count *c,
                           err *e) {
    int64_t rows, bad;
    char table[32];
    if (!db_count(w->d, &rows, e, "SELECT count(*) FROM %s WHERE src_file = %d",
                  table_of(f->source, table), src_file) ||
        !db_count(w->d, &bad, e, "SELECT count(*) FROM %s WHERE src_file = %d", quarantine,
                  src_file))
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

/* The rows of forgotten customers go to quarantine without their content. */
static bool leave_out(work *w, const forgotten *gone, const table_load *l, table_count *count,
                      err *e) {
    int64_t moved;
    if (!forgotten_leave_out(w->d, gone, l->c, l->table, quarantine, l->src_file, &moved, e))
        return false;
    count->accepted -= moved;
    count->quarantined += moved;
    return true;
}

static bool load(work *w, const shop *p, int index, const forgotten *gone, accounts *a, scope *s,
                 err *e) {
    const shop_file *f = &p->files[index];
    const contract *c = &contract_sources[f->source];
    char table[32];
    table_loaded in;
    hash_text sha;
    int64_t bytes = 0;
    ticking t = {w, f->name, index, p->n_used};
    table_load l = {.path = f->path,
                    .map = p->config.maps[f->source],
                    .c = c,
                    .table = table_of(f->source, table),
                    .quarantine = quarantine,
                    .src_file = index,
                    .threads = w->threads,
                    .tick = tick,
                    .what = &t};
    if (!table_load_file(w->d, &l, &s->keep, &in, e) || !hash_file(f->path, &sha, &bytes, e))
        return false;
    if (in.count.accepted == 0 && in.count.quarantined > 0) {
        refuse(e, "no row of %s passes as %s; the first of %lld: %s", f->path, c->source,
               (long long)in.count.quarantined, in.count.examples[0]);
        return fail_cause(e, "bad_data");
    }
    if (!leave_out(w, gone, &l, &in.count, e) || !check_accounts(w, f, index, &in.count, e))
        return false;
    add_file(a, index, f, bytes, sha.hex, &in.count, s->keep);
    map_headers(a, index, c, &in, s->keep);
    say_mapping(w, f, c, &in);
    return true;
}

static void note_unused(const work *w, const shop *p, accounts *a, arena scratch) {
    const table_count none = {0};
    for (int i = p->n_used; i < p->n; i++) {
        work_say(w, "%s: not used (%s)", p->files[i].name, p->files[i].why);
        add_file(a, i, &p->files[i], 0, NULL, &none, scratch);
        add_mapping(a, i, 0, (slice){0}, NULL, "unused", scratch);
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

/* Tables or views of an earlier run in this engine give way. */
static bool clear(work *w, const char *table, err *e) {
    err ignored = {0};
    db_runf(w->d, &ignored, "DROP VIEW IF EXISTS %s", table);
    return db_runf(w->d, e, "DROP TABLE IF EXISTS %s", table);
}

static bool make_tables(work *w, err *e) {
    char table[32];
    if (!clear(w, quarantine, e) || !clear(w, "files", e) || !clear(w, "mapping", e)) return false;
    for (int i = 0; i < 6; i++)
        if (!clear(w, table_of(i, table), e) ||
            !table_make(w->d, &contract_sources[i], table, quarantine, e))
            return false;
    return db_run(w->d,
                  SLICE("CREATE TABLE files (src_file INTEGER, source VARCHAR, path VARCHAR, bytes "
                        "BIGINT, sha256 VARCHAR, seen BIGINT, accepted BIGINT, quarantined BIGINT, "
                        "merged BIGINT, blank BIGINT); CREATE TABLE mapping (src_file INTEGER, "
                        "position INTEGER, header VARCHAR, column_name VARCHAR, how VARCHAR)"),
                  e);
}

static bool write_tables(work *w, folder *f, const accounts *a, scope *s, err *e) {
    char table[32];
    if (!db_runf(w->d, e, "INSERT INTO files VALUES %s; INSERT INTO mapping VALUES %s", a->files.p,
                 a->mapping.p))
        return false;
    for (int i = 0; i < 6; i++)
        if (!write_table(w, f, table_of(i, table), s, e)) return false;
    return write_table(w, f, "files", s, e) && write_table(w, f, "mapping", s, e) &&
           write_table(w, f, quarantine, s, e);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    shop p;
    forgotten gone;
    accounts *a = take(&s->keep, accounts, 1);
    text_open(&a->files, s);
    text_open(&a->mapping, s);
    if (!make_tables(w, e) || !shop_read(w, s, &p, e) ||
        !forgotten_read(w->shop, s, &gone, e) || !prelude_run(w->d, e) ||
        !forgotten_table(w->d, &gone, e))
        return false;
    for (int i = 0; i < p.n_used; i++)
        if (!load(w, &p, i, &gone, a, s, e)) return false;
    note_unused(w, &p, a, s->keep);
    return write_tables(w, f, a, s, e);
}

const stage stage_raw = {"01",
                         "raw",
                         "Reads the shop's files, row by row, by contract.",
                         "",
                         "raw_articles raw_customers raw_transactions raw_reviews raw_events "
                         "raw_stock files mapping quarantine_raw",
                         run};
