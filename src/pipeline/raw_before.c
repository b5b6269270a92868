/* raw_before: what the folder of step 01 that an earlier run left has of the shop's files. */
#include "pipeline/raw_before.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"

struct raw_before {
    const char *folder;
    const js_node *listed; /* of the manifest; NULL: nothing here can be used */
    columns files;
    signed char fine[64]; /* of listed: 1 it has its SHA-256, -1 it has not, 0 not looked at */
    const char *tables[64];
};

/* ---- the folder ---- */

static bool is_as_listed(const char *path, const js_node *file) {
    slice sha;
    hash_text is;
    err ignored = {0};
    return js_text(js_get(file, "sha256"), &sha) && hash_file(path, &is, NULL, &ignored) &&
           slice_is(sha, is.hex);
}

const char *raw_before_table(raw_before *b, const char *table, scope *s) {
    slice name;
    const char *file = arena_text(&s->keep, "%s.parquet", table);
    for (int64_t i = 0; i < js_count(b->listed) && i < 64; i++) {
        const js_node *at = js_at(b->listed, i);
        if (!js_text(js_get(at, "name"), &name) || !slice_is(name, file)) continue;
        const char *path = arena_text(&s->keep, "%s/%s", b->folder, file);
        if (b->fine[i] == 0) {
            b->fine[i] = is_as_listed(path, at) ? 1 : -1;
            b->tables[i] = arena_text(&s->keep, "read_parquet(%s, file_row_number = true)",
                                      db_literal(&s->keep, slice_of(path)));
        }
        return b->fine[i] > 0 ? b->tables[i] : NULL;
    }
    return NULL;
}

static bool read_tables(raw_before *b, const work *w, scope *s) {
    err ignored = {0};
    const char *files = raw_before_table(b, "files", s);
    return files && raw_before_table(b, "mapping", s) && raw_before_table(b, "quarantine_raw", s) &&
           db_query(w->d, &s->keep, &b->files, &ignored,
                    "SELECT src_file, coalesce(source, '') AS source, path, coalesce(sha256, '') "
                    "AS sha256, coalesce(reading, '') AS reading, seen, accepted, quarantined, "
                    "blank FROM %s ORDER BY src_file", files);
}

raw_before *raw_before_open(const work *w, scope *s) {
    slice bytes, build;
    err ignored = {0};
    raw_before *b = take(&s->keep, raw_before, 1);
    b->folder = arena_text(&s->keep, "%s/01_raw", w->out);
    const char *manifest = arena_text(&s->keep, "%s/manifest.json", b->folder);
    if (!file_exists(manifest) || !file_read(manifest, s, (size_t)1 << 20, &bytes, &ignored))
        return b;
    const js_node *root = js_parse(s, bytes, &ignored);
    if (!js_text(js_get(root, "build"), &build) || !slice_is(build, embed_build)) return b;
    b->listed = js_get(root, "files");
    if (!read_tables(b, w, s)) b->listed = NULL, b->files = (columns){0};
    return b;
}

/* ---- its files ---- */

static bool hash_reading(const shop *p, const shop_file *f, const forgotten *gone, scope *s,
                         hash_text *out, err *e) {
    hash *h = hash_open(s, e);
    const char *map = p->config.maps[f->source];
    if (!h) return false;
    hash_addf(h, "%s\n%s\nsalt %s\n", embed_build, map ? map : "", gone->salt ? gone->salt : "");
    for (int64_t i = 0; i < gone->n; i++) hash_addf(h, "%s\n", gone->hashes[i]);
    *out = hash_end(h);
    return true;
}

static bool is_row(const raw_before *b, int64_t i, const char *name, const char *value) {
    return slice_is(columns_text(&b->files, name)[i], value);
}

bool raw_before_find(const raw_before *b, const shop *p, const shop_file *f, const forgotten *gone,
                     scope *s, raw_now *out, err *e) {
    *out = (raw_now){.was = -1};
    if (!hash_file(f->path, &out->sha, &out->bytes, e) ||
        !hash_reading(p, f, gone, s, &out->reading, e))
        return false;
    for (int64_t i = 0; b->listed && i < b->files.rows; i++)
        if (is_row(b, i, "path", f->name) && is_row(b, i, "sha256", out->sha.hex) &&
            is_row(b, i, "source", contract_sources[f->source].source) &&
            is_row(b, i, "reading", out->reading.hex))
            out->was = (int)i;
    return true;
}

int raw_before_number(const raw_before *b, int was) {
    return columns_i32(&b->files, "src_file")[was];
}

table_count raw_before_count(const raw_before *b, int was) {
    return (table_count){.seen = columns_i64(&b->files, "seen")[was],
                         .accepted = columns_i64(&b->files, "accepted")[was],
                         .quarantined = columns_i64(&b->files, "quarantined")[was],
                         .blank = columns_i64(&b->files, "blank")[was]};
}

bool raw_before_is_whole(const raw_before *b, const shop *p, const raw_now *now, int source) {
    int files = 0, same = 0;
    for (int64_t i = 0; b->listed && i < b->files.rows; i++)
        files += is_row(b, i, "source", contract_sources[source].source);
    for (int i = 0; i < p->n_used; i++) {
        if (p->files[i].source != source) continue;
        if (now[i].was < 0 || raw_before_number(b, now[i].was) != p->files[i].number) return false;
        same++;
    }
    return b->listed && files == same;
}

/* ---- its rows ---- */

bool raw_before_link(const raw_before *b, const char *table, const char *to, err *e) {
    char from[4400];
    snprintf(from, sizeof from, "%s/%s.parquet", b->folder, table);
    return file_link(from, to, e);
}

bool raw_before_take(const work *w, raw_before *b, const char *table, int was, int number,
                     scope *s, err *e) {
    const char *rows = raw_before_table(b, table, s);
    if (!rows) return fail(e, "%s/%s.parquet is damaged; run again", b->folder, table);
    /* One thread reads a file in its order. */
    char *sql = arena_text(&s->keep,
                           "INSERT INTO %s SELECT * EXCLUDE (file_row_number) REPLACE (CAST(%d AS "
                           "INTEGER) AS src_file) FROM %s WHERE src_file = %d",
                           table, number, rows, raw_before_number(b, was));
    return table_insert(w->d, slice_of(sql), e);
}
