/* part: a piece of a step that is taken over from the run before when nothing it read changed. */
#include "pipeline/part.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"

enum { MOST_FILES = 4096, MOST_READS = 4096 };

/* A file that a part made: nobody writes into it any more. */
typedef struct made {
    const char *file;
    struct stat is;
} made;

struct parts {
    scope *s;
    work *w;
    ledger *l;
    folder *f;
    const js_node *before; /* parts.json of the run before, or NULL */
    const js_node *looked; /* what its parts had looked back at: {part: {name: SHA-256}} */
    js out, look;          /* parts.json and .looked.json of this one */
    made *made;            /* [n_made] */
    int n_made, n, taken;
    bool spoiled;
};

/* ---- records ---- */

typedef struct record_file {
    slice name, sha;
    int64_t rows, bytes; /* rows: -1 = no table */
} record_file;

typedef struct record {
    slice name, key;
    ledger_read *reads;
    record_file *files;
    int n_reads, n_files;
    bool has_report;
    slice report;
    arena *keep;
} record;

static bool looks_back(const ledger_read *one) { return strncmp(one->name, "before/", 7) == 0; }

/* Digests of files of the run before stand in a hidden file beside, which is in no manifest: a
 * folder whose files are those of a run from scratch has the same manifest, too. */
static void put_looked(js *j, const record *r) {
    js_object(j, arena_text(r->keep, "%.*s", (int)r->name.n, r->name.p));
    for (int i = 0; i < r->n_reads; i++)
        if (looks_back(&r->reads[i])) js_put_word(j, r->reads[i].name, r->reads[i].sha.hex);
    js_end(j);
}

static void put_record(js *j, const record *r) {
    js_object(j, NULL);
    js_put_text(j, "name", r->name);
    js_put_text(j, "key", r->key);
    js_object(j, "reads");
    for (int i = 0; i < r->n_reads; i++)
        js_put_word(j, r->reads[i].name, looks_back(&r->reads[i]) ? "" : r->reads[i].sha.hex);
    js_end(j);
    js_array(j, "files");
    for (int i = 0; i < r->n_files; i++) {
        const record_file *f = &r->files[i];
        js_object(j, NULL);
        js_put_text(j, "name", f->name);
        if (f->rows >= 0) js_put_int(j, "rows", f->rows);
        js_put_int(j, "bytes", f->bytes);
        js_put_text(j, "sha256", f->sha);
        js_end(j);
    }
    js_end(j);
    if (r->has_report) js_put_text(j, "report", r->report);
    js_end(j);
}

static bool get_reads(const js_node *reads, const js_node *looked, record *r, arena *keep) {
    r->n_reads = (int)js_count(reads);
    r->reads = take(keep, ledger_read, r->n_reads);
    for (int i = 0; i < r->n_reads; i++) {
        slice sha;
        r->reads[i].name = js_key(reads, i);
        const js_node *in = looks_back(&r->reads[i]) ? looked : reads;
        if (!js_text(js_get(in, r->reads[i].name), &sha) || sha.n > 64) return false;
        memcpy(r->reads[i].sha.hex, sha.p, sha.n);
    }
    return true;
}

static bool get_files(const js_node *files, record *r, arena *keep) {
    r->n_files = (int)js_count(files);
    r->files = take(keep, record_file, r->n_files);
    for (int i = 0; i < r->n_files; i++) {
        const js_node *one = js_at(files, i);
        record_file *f = &r->files[i];
        if (!js_text(js_get(one, "name"), &f->name) || !js_text(js_get(one, "sha256"), &f->sha) ||
            !js_int(js_get(one, "bytes"), &f->bytes) || f->name.n > 250 || f->sha.n != 64)
            return false;
        if (!js_int(js_get(one, "rows"), &f->rows)) f->rows = -1;
    }
    return true;
}

/* The part's record in the run before; false when there is none or it is no record. */
static bool find_record(const parts *all, const char *name, record *r) {
    const js_node *list = js_get(all->before, "parts");
    for (int64_t i = 0; i < js_count(list); i++) {
        const js_node *one = js_at(list, i);
        if (!slice_is(js_word(one, "name"), name)) continue;
        *r = (record){.name = js_word(one, "name"), .key = js_word(one, "key"),
                      .keep = &all->s->keep};
        r->has_report = js_text(js_get(one, "report"), &r->report);
        return js_count(js_get(one, "reads")) <= MOST_READS &&
               js_count(js_get(one, "files")) <= MOST_FILES &&
               get_reads(js_get(one, "reads"), js_get(all->looked, name), r, &all->s->keep) &&
               get_files(js_get(one, "files"), r, &all->s->keep);
    }
    return false;
}

/* ---- taking over ---- */

static bool reads_same(const parts *all, const record *r) {
    err ignored = {0};
    for (int i = 0; i < r->n_reads; i++) {
        hash_text now;
        if (!ledger_sha(all->l, r->reads[i].name, &now, &ignored) ||
            strcmp(now.hex, r->reads[i].sha.hex) != 0)
            return false;
    }
    return true;
}

static char *old_path(const parts *all, slice file) {
    return arena_text(&all->s->keep, "%s/%s/%.*s", all->f->parent, all->f->name, (int)file.n,
                      file.p);
}

static char *new_path(const parts *all, slice file) {
    return arena_text(&all->s->keep, "%s/%.*s", all->f->temp, (int)file.n, file.p);
}

/* The old files are what the record says, and none stands where they go. */
static bool files_good(const parts *all, const record *r) {
    for (int i = 0; i < r->n_files; i++) {
        hash_text sha;
        int64_t bytes;
        err ignored = {0};
        const record_file *f = &r->files[i];
        if (memchr(f->name.p, '/', f->name.n) || file_exists(new_path(all, f->name)) ||
            !hash_file(old_path(all, f->name), &sha, &bytes, &ignored) || bytes != f->bytes ||
            !slice_is(f->sha, sha.hex))
            return false;
    }
    return true;
}

/* The table of a Parquet file stands in the engine as a view over it. */
static bool show_table(const parts *all, slice file, err *e) {
    static const char end[] = ".parquet";
    size_t n = sizeof end - 1;
    if (file.n <= n || memcmp(file.p + file.n - n, end, n) != 0) return true;
    return work_view(all->w, (slice){file.p, file.n - n}, new_path(all, file), e);
}

static bool keep_file(parts *all, const record_file *f, err *e) {
    hash_text sha = {{0}};
    char *file = slice_copy(&all->s->keep, f->name);
    made *to = &all->made[all->n_made];
    memcpy(sha.hex, f->sha.p, 64);
    if (all->n_made == MOST_FILES) return fail(e, "more than %d files in a step", MOST_FILES);
    to->file = file;
    if (stat(new_path(all, f->name), &to->is) != 0) return fail_file(e, "read", file);
    all->n_made++;
    ledger_put(all->l, all->f->name, file, &sha);
    if (f->rows >= 0) folder_rows(all->f, file, f->rows);
    return folder_known(all->f, file, &sha, f->bytes) && show_table(all, f->name, e);
}

/* The report's members come after those that stand there already. */
static void put_report(part *p, slice report) {
    if (report.n == 0) return;
    text_add(&p->report->out, report);
    p->report->first = false;
}

static bool take_over(part *p, const record *r, err *e) {
    parts *all = p->w->parts;
    for (int i = 0; i < r->n_files; i++) {
        slice file = r->files[i].name;
        if (!file_link(old_path(all, file), new_path(all, file), e) ||
            !keep_file(all, &r->files[i], e))
            return false;
    }
    if (p->report) put_report(p, r->report);
    if (r->has_report) {
        hash_text sha = hash_of(r->report);
        ledger_put(all->l, all->f->name, p->name, &sha);
    }
    put_record(&all->out, r);
    put_looked(&all->look, r);
    all->taken++;
    return p->taken = true;
}

/* ---- running ---- */

static bool key_of(part *p, slice settings, err *e) {
    const work *w = p->w;
    hash *h = hash_open(w->parts->s, e);
    if (!h) return false;
    hash_text names = ledger_names(w->parts->l, w->parts->s, e);
    hash_addf(h, "%s/%s %s seed %llu as_of %d names %s\n", p->f->name, p->name, embed_build,
              (unsigned long long)w->seed, w->as_of, names.hex);
    hash_add(h, settings);
    p->key = hash_end(h);
    return e->kind == ERR_NONE;
}

/* Tables and views of the engine, with a number that changes when one is replaced. */
static bool list_objects(const parts *all, columns *out, err *e) {
    return db_query(all->w->d, &all->s->keep, out, e,
                    "SELECT table_name AS name, 'TABLE' AS kind, CAST(table_oid AS BIGINT) AS id "
                    "FROM duckdb_tables() UNION ALL SELECT view_name, 'VIEW', CAST(view_oid AS "
                    "BIGINT) FROM duckdb_views() WHERE NOT internal ORDER BY name, kind, id");
}

static void watch_folder(void *what, const char *file) {
    const parts *all = what;
    ledger_read_here(all->l, all->f->name, file);
}

/* What was made by code outside of parts: nobody knows what it depends on. */
static bool trace(part *p, err *e) {
    parts *all = p->w->parts;
    if (!list_objects(all, &p->objects, e)) return false;
    p->files = take(&all->s->keep, char *, MOST_FILES);
    p->n_files = folder_list(p->f, &all->s->keep, p->files, MOST_FILES);
    if (p->n_files < 0) return fail_file(e, "read folder", p->f->temp);
    slice *strange = take(&all->s->keep, slice, p->objects.rows + p->n_files);
    int n = 0;
    for (int64_t i = 0; i < p->objects.rows; i++) {
        slice name = columns_text(&p->objects, "name")[i];
        if (!ledger_has_table(all->l, name)) strange[n++] = name;
    }
    for (int i = 0; i < p->n_files; i++)
        if (!ledger_has(all->l, arena_text(&all->s->keep, "%s/%s", p->f->name, p->files[i])))
            strange[n++] = slice_of(p->files[i]);
    ledger_trace(all->l, strange, n);
    return true;
}

bool part_begin(part *p, const work *w, folder *f, const char *name, slice settings, js *report,
                err *e) {
    record r;
    parts *all = w->parts;
    *p = (part){.w = w, .f = f, .name = name, .report = report};
    if (report) p->report_from = report->out.n;
    if (!all) return true;
    all->n++;
    if (!key_of(p, settings, e)) return false;
    if (!all->spoiled && find_record(all, name, &r) && slice_is(r.key, p->key.hex) &&
        r.has_report == (report != NULL) && reads_same(all, &r) && files_good(all, &r))
        return take_over(p, &r, e);
    return trace(p, e);
}

/* ---- the end of one that ran ---- */

static int64_t find_object(const columns *c, slice name, slice kind) {
    for (int64_t i = 0; i < c->rows; i++)
        if (slice_compare(columns_text(c, "name")[i], name) == 0 &&
            slice_compare(columns_text(c, "kind")[i], kind) == 0)
            return i;
    return -1;
}

/* What the part left in the engine goes; a table that it put in the place of another one makes
 * every later part unsound. */
static bool clear_engine(part *p, err *e) {
    columns now;
    parts *all = p->w->parts;
    if (!list_objects(all, &now, e)) return false;
    for (int64_t i = 0; i < now.rows; i++) {
        slice name = columns_text(&now, "name")[i], kind = columns_text(&now, "kind")[i];
        int64_t old = find_object(&p->objects, name, kind);
        if (old < 0 && !db_runf(p->w->d, e, "DROP %.*s IF EXISTS %s", (int)kind.n, kind.p,
                                db_name(&all->s->keep, name)))
            return false;
        if (old >= 0 && columns_i64(&now, "id")[i] != columns_i64(&p->objects, "id")[old])
            all->spoiled = true;
    }
    return true;
}

/* Files of other parts may be shared with the run before. */
static bool others_stayed(const parts *all, err *e) {
    for (int i = 0; i < all->n_made; i++) {
        struct stat is;
        const made *m = &all->made[i];
        if (stat(new_path(all, slice_of(m->file)), &is) != 0 || is.st_ino != m->is.st_ino ||
            is.st_size != m->is.st_size || is.st_mtim.tv_sec != m->is.st_mtim.tv_sec ||
            is.st_mtim.tv_nsec != m->is.st_mtim.tv_nsec)
            return fail(e, "%s was written by two parts of %s", m->file, all->f->name);
    }
    return true;
}

static bool is_among(const char *name, char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* The files that are there now and were not before. */
static bool own_files(part *p, record *r, err *e) {
    parts *all = p->w->parts;
    char **now = take(&all->s->keep, char *, MOST_FILES);
    int n = folder_list(p->f, &all->s->keep, now, MOST_FILES);
    if (n < 0) return fail_file(e, "read folder", p->f->temp);
    r->files = take(&all->s->keep, record_file, n);
    for (int i = 0; i < n; i++) {
        hash_text sha;
        if (is_among(now[i], p->files, p->n_files)) continue;
        record_file *f = &r->files[r->n_files++];
        *f = (record_file){.name = slice_of(now[i]), .rows = folder_rows_of(p->f, now[i])};
        if (!hash_file(new_path(all, f->name), &sha, &f->bytes, e)) return false;
        f->sha = slice_of(arena_text(&all->s->keep, "%s", sha.hex));
    }
    return true;
}

/* Asking for the path of a file that it then writes is no read. */
static void leave_out_own(const part *p, record *r) {
    int n = 0;
    for (int i = 0; i < r->n_reads; i++) {
        bool own = false;
        for (int k = 0; k < r->n_files && !own; k++)
            own = strcmp(r->reads[i].name,
                         arena_text(&p->w->parts->s->keep, "%s/%.*s", p->f->name,
                                    (int)r->files[k].name.n, r->files[k].name.p)) == 0;
        if (!own) r->reads[n++] = r->reads[i];
    }
    r->n_reads = n;
}

bool part_end(part *p, bool done, err *e) {
    parts *all = p->w->parts;
    if (!all || p->taken) return done;
    record r = {.name = slice_of(p->name), .key = slice_of(p->key.hex), .keep = &all->s->keep};
    bool sound = ledger_end(all->l, all->s, &r.reads, &r.n_reads);
    if (!done || !clear_engine(p, e) || !others_stayed(all, e) || !own_files(p, &r, e))
        return false;
    leave_out_own(p, &r);
    for (int i = 0; i < r.n_files; i++)
        if (!keep_file(all, &r.files[i], e)) return false;
    if (p->report) {
        slice report = text_slice(&p->report->out);
        r.has_report = true;
        r.report = (slice){report.p + p->report_from, report.n - p->report_from};
    }
    if (!sound || all->spoiled) return true;
    if (r.has_report) {
        hash_text sha = hash_of(r.report);
        ledger_put(all->l, p->f->name, p->name, &sha);
    }
    put_record(&all->out, &r);
    put_looked(&all->look, &r);
    return true;
}

/* ---- the step ---- */

/* Tables of an earlier run in this engine give way: whoever reads one reads what is written now. */
static void forget_tables(const work *w, const char *writes) {
    for (const char *at = writes; *at;) {
        int n = (int)strcspn(at, " ");
        err ignored = {0};
        if (n > 0 && !memchr(at, '.', (size_t)n)) {
            db_runf(w->d, &ignored, "DROP TABLE IF EXISTS \"%.*s\"", n, at);
            db_runf(w->d, &ignored, "DROP VIEW IF EXISTS \"%.*s\"", n, at);
        }
        at += n + (at[n] == ' ');
    }
}

static void forget(void *what) {
    work *w = what;
    w->parts = NULL;
}

/* A file of the run before; NULL when it is not there or cannot be read. */
static const js_node *read_old(const parts *all, const char *file) {
    slice bytes;
    err ignored = {0};
    const char *path = old_path(all, slice_of(file));
    return file_exists(path) && file_read(path, all->s, (size_t)256 << 20, &bytes, &ignored)
               ? js_parse(all->s, bytes, &ignored)
               : NULL;
}

bool parts_open(work *w, folder *f, const char *writes, scope *s) {
    if (!w->ledger) return true;
    parts *all = take(&s->keep, parts, 1);
    *all = (parts){.s = s, .w = w, .l = w->ledger, .f = f};
    all->made = take(&s->keep, made, MOST_FILES);
    all->before = read_old(all, "parts.json");
    all->looked = read_old(all, ".looked.json");
    js_open(&all->out, s);
    all->out.indent = true;
    js_object(&all->out, NULL);
    js_put_word(&all->out, "schema", "atelier.parts/1");
    js_put_word(&all->out, "folder", f->name);
    js_array(&all->out, "parts");
    js_open(&all->look, s);
    js_object(&all->look, NULL);
    f->watch = watch_folder;
    f->what = all;
    forget_tables(w, writes);
    w->parts = all;
    scope_defer(s, forget, w);
    return true;
}

bool parts_close(work *w, int *n, int *taken, err *e) {
    parts *all = w->parts;
    *n = *taken = 0;
    if (!all || all->n == 0) return true;
    js_end(&all->out);
    js_end(&all->out);
    js_end(&all->look);
    text_add_char(&all->out.out, '\n');
    *n = all->n;
    *taken = all->taken;
    return folder_write(all->f, "parts.json", text_slice(&all->out.out), e) &&
           folder_write(all->f, ".looked.json", text_slice(&all->look.out), e);
}

void parts_spoil(const work *w) {
    if (w->parts) w->parts->spoiled = true;
}
