/* forgotten: the customers whom a shop has forgotten, as salted hashes. */
#include "pipeline/forgotten.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"

const char forgotten_file[] = "forgotten.sha256";

static bool is_hex(slice s, size_t digits) {
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789abcdef", s.p[i])) return false;
    return s.n == digits;
}

bool forgotten_read(const char *shop, scope *s, forgotten *out, err *e) {
    slice bytes;
    *out = (forgotten){0};
    const char *path = arena_text(&s->keep, "%s/%s", shop, forgotten_file);
    if (!file_exists(path)) return true;
    if (!file_read(path, s, (size_t)64 << 20, &bytes, e)) return false;
    out->hashes = take(&s->keep, const char *, bytes.n / 64 + 1);
    for (int64_t line = 1; bytes.n > 0; line++) {
        const char *end = memchr(bytes.p, '\n', bytes.n);
        size_t n = end ? (size_t)(end - bytes.p) : bytes.n;
        slice word = slice_trim((slice){bytes.p, n});
        bytes = (slice){bytes.p + n + (end != NULL), bytes.n - n - (end != NULL)};
        bool is_salt = line == 1 && word.n == 37 && memcmp(word.p, "salt ", 5) == 0;
        if (is_salt) word = (slice){word.p + 5, 32};
        if (word.n == 0) continue;
        if (!is_hex(word, line == 1 ? 32 : 64)) {
            refuse(e, "%s:%lld: '%.*s' is no %s", path, (long long)line,
                   (int)(word.n < 70 ? word.n : 70), word.p,
                   line == 1 ? "line 'salt' and 32 hexadecimal digits" : "SHA-256");
            return fail_cause(e, "bad_data");
        }
        if (is_salt) out->salt = slice_copy(&s->keep, word);
        else out->hashes[out->n++] = slice_copy(&s->keep, word);
    }
    return true;
}

bool forgotten_hash(db *d, const forgotten *f, const char *id, scope *s, char hex[65], err *e) {
    columns c;
    if (!db_query(d, &s->keep, &c, e, "SELECT sha256('%s' || id_key(%s)) AS hash", f->salt,
                  db_literal(&s->keep, slice_of(id))))
        return false;
    memcpy(hex, columns_text(&c, "hash")[0].p, 64);
    hex[64] = 0;
    return true;
}

bool forgotten_add(const char *shop, const forgotten *f, const char *salt, const char *hex,
                   err *e) {
    text all = {0};
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", shop, forgotten_file);
    text_addf(&all, "salt %s\n", f->salt ? f->salt : salt);
    for (int64_t i = 0; i < f->n; i++) text_addf(&all, "%s\n", f->hashes[i]);
    text_addf(&all, "%s\n", hex);
    bool done = file_replace(path, text_slice(&all), e);
    text_free(&all);
    return done;
}

bool forgotten_table(db *d, const forgotten *f, err *e) {
    text rows = {0};
    bool done = db_run(d, SLICE("CREATE OR REPLACE TABLE forgotten (hash VARCHAR)"), e);
    for (int64_t i = 0; i < f->n; i++)
        text_addf(&rows, "%s('%s')", i ? ", " : "", f->hashes[i]);
    if (done && f->n) done = db_runf(d, e, "INSERT INTO forgotten VALUES %s", rows.p);
    text_free(&rows);
    return done;
}

/* The column that names a customer, or NULL. */
static const char *named_by(const contract *c) {
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->columns[i].name, "customer_id") == 0 ||
            strcmp(c->columns[i].name, "user_id") == 0)
            return c->columns[i].name;
    return NULL;
}

bool forgotten_leave_out(db *d, const forgotten *f, const contract *c, const char *table,
                         const char *quarantine, int src_file, int64_t *moved, err *e) {
    const char *by = named_by(c);
    *moved = 0;
    if (f->n == 0 || !by) return true;
    /* In a record that did not pass, any field may be the id. */
    return db_runf(d, e,
                   "CREATE OR REPLACE TEMP TABLE leaving AS SELECT src_line FROM %s "
                   "WHERE src_file = %d AND sha256('%s' || id_key(%s)) IN (FROM forgotten)",
                   table, src_file, f->salt, by) &&
           db_count(d, moved, e, "SELECT count(*) FROM leaving") &&
           db_runf(d, e,
                   "UPDATE %s SET raw = NULL, observed = NULL WHERE src_file = %d AND src_line IN "
                   "(SELECT src_line FROM (SELECT src_line, unnest(regexp_split_to_array(raw, "
                   "'[,;|\\t\"]')) AS field FROM %s WHERE src_file = %d) AS fields "
                   "WHERE sha256('%s' || id_key(field)) IN (FROM forgotten))",
                   quarantine, src_file, quarantine, src_file, f->salt) &&
           db_runf(d, e,
                   "INSERT INTO %s SELECT %d, src_line, 'forgotten', '%s', NULL, "
                   "'a customer who is not forgotten', NULL FROM leaving; "
                   "DELETE FROM %s WHERE src_file = %d AND src_line IN (FROM leaving)",
                   quarantine, src_file, by, table, src_file);
}
