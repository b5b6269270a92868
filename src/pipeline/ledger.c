/* ledger: the SHA-256 of everything that a piece of a step may read, and what it did read. */
#include "pipeline/ledger.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/folder.h"

enum { MOST_NAMES = 8192 };

typedef struct entry {
    char *name;
    slice table; /* "d_sales" of 03_datasets/d_sales.parquet; n = 0: no table */
    hash_text sha;
    bool there, read;
} entry;

struct ledger {
    scope *owner;
    db *d;
    const char *out;
    entry *at; /* [n] */
    int n, n_steps;
    const char *steps[16]; /* finished ones */
    const slice *strange;  /* [n_strange] */
    int n_strange;
    bool tracing, unsound, full;
};

/* ---- names ---- */

static entry *find(const ledger *l, const char *name) {
    for (int i = 0; i < l->n; i++)
        if (strcmp(l->at[i].name, name) == 0) return &l->at[i];
    return NULL;
}

static slice table_in(const char *name) {
    static const char end[] = ".parquet";
    const char *from = strrchr(name, '/');
    size_t n = from ? strlen(++from) : 0;
    bool is = n >= sizeof end && strcmp(from + n - (sizeof end - 1), end) == 0;
    return is ? (slice){from, n - (sizeof end - 1)} : (slice){0};
}

/* The entry of a name, made when there is none; NULL when there are too many. */
static entry *entry_of(ledger *l, const char *name) {
    entry *e = find(l, name);
    if (e) return e;
    if (l->n == MOST_NAMES) return l->full = true, NULL;
    e = &l->at[l->n++];
    *e = (entry){.name = arena_text(&l->owner->keep, "%s", name)};
    if (strncmp(name, "before/", 7) != 0) e->table = table_in(e->name);
    return e;
}

static entry *entry_in(ledger *l, const char *step, const char *file) {
    char name[400];
    snprintf(name, sizeof name, "%s/%s", step, file);
    return entry_of(l, name);
}

void ledger_put(ledger *l, const char *step, const char *file, const hash_text *sha) {
    entry *to = entry_in(l, step, file);
    if (to) to->sha = *sha, to->there = true;
}

bool ledger_has(const ledger *l, const char *name) {
    const entry *of = find(l, name);
    return of && of->there;
}

static bool is_table(const entry *of, slice word) {
    return of->there && of->table.n == word.n && word.n > 0 &&
           strncasecmp(of->table.p, word.p, word.n) == 0;
}

bool ledger_has_table(const ledger *l, slice table) {
    for (int i = 0; i < l->n; i++)
        if (is_table(&l->at[i], table)) return true;
    return false;
}

bool ledger_sha(const ledger *l, const char *name, hash_text *out, err *e) {
    char path[4400];
    const entry *of = find(l, name);
    *out = (hash_text){{0}};
    if (strncmp(name, "before/", 7) != 0) {
        if (of && of->there) *out = of->sha;
        return true;
    }
    snprintf(path, sizeof path, "%s/%s", l->out, name + 7);
    return !file_exists(path) || hash_file(path, out, NULL, e);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

hash_text ledger_names(const ledger *l, scope *s, err *e) {
    arena scratch = s->scratch;
    const char **names = take(&scratch, const char *, l->n);
    int n = 0;
    hash *h = hash_open(s, e);
    if (!h) return (hash_text){{0}};
    for (int i = 0; i < l->n; i++)
        if (l->at[i].there) names[n++] = l->at[i].name;
    qsort(names, (size_t)n, sizeof *names, by_name);
    for (int i = 0; i < n; i++) hash_addf(h, "%s\n", names[i]);
    return hash_end(h);
}

/* ---- finished steps ---- */

static const js_node *read_json(const ledger *l, const char *step, const char *file, scope *s,
                                err *e) {
    slice bytes;
    const char *path = arena_text(&s->keep, "%s/%s/%s", l->out, step, file);
    return file_exists(path) && file_read(path, s, (size_t)256 << 20, &bytes, e)
               ? js_parse(s, bytes, e)
               : NULL;
}

static void put_word(ledger *l, const char *step, slice file, slice sha) {
    hash_text is = {{0}};
    if (file.n == 0 || file.n > 250 || sha.n != 64) return;
    memcpy(is.hex, sha.p, 64);
    ledger_put(l, step, slice_copy(&l->owner->keep, file), &is);
}

static void put_files(ledger *l, const char *step, const js_node *manifest) {
    const js_node *files = js_get(manifest, "files");
    for (int64_t i = 0; i < js_count(files); i++)
        put_word(l, step, js_word(js_at(files, i), "name"), js_word(js_at(files, i), "sha256"));
}

static void put_parts(ledger *l, const char *step, const js_node *parts) {
    const js_node *all = js_get(parts, "parts");
    for (int64_t i = 0; i < js_count(all); i++) {
        slice report;
        const js_node *one = js_at(all, i);
        if (!js_text(js_get(one, "report"), &report)) continue;
        hash_text sha = hash_of(report);
        put_word(l, step, js_word(one, "name"), slice_of(sha.hex));
    }
}

bool ledger_add_step(ledger *l, const char *step, err *e) {
    scope s;
    hash_text sha;
    size_t n = strlen(step);
    if (!scope_open(&s, (size_t)1 << 30, 0, e)) return false;
    for (int i = 0; i < l->n; i++)
        if (strncmp(l->at[i].name, step, n) == 0 && l->at[i].name[n] == '/') l->at[i].there = false;
    if (l->n_steps < 16) l->steps[l->n_steps++] = arena_text(&l->owner->keep, "%s", step);
    const js_node *manifest = read_json(l, step, "manifest.json", &s, e);
    const js_node *parts = manifest ? read_json(l, step, "parts.json", &s, e) : NULL;
    if (manifest) put_files(l, step, manifest);
    if (parts) put_parts(l, step, parts);
    bool done = e->kind == ERR_NONE && folder_hash(l->out, step, &sha, e);
    if (done) ledger_put(l, step, "manifest.json", &sha);
    scope_close(&s);
    return done;
}

/* ---- the trace ---- */

void ledger_trace(ledger *l, const slice *strange, int n) {
    for (int i = 0; i < l->n; i++) l->at[i].read = false;
    l->strange = strange;
    l->n_strange = n;
    l->unsound = false;
    l->tracing = true;
}

void ledger_pause(ledger *l, bool paused) { l->tracing = !paused; }

static void mark(entry *of) {
    if (of) of->read = true;
}

static bool is_strange(const ledger *l, slice word) {
    for (int i = 0; i < l->n_strange; i++)
        if (l->strange[i].n == word.n && strncasecmp(l->strange[i].p, word.p, word.n) == 0)
            return true;
    return false;
}

void ledger_read_file(ledger *l, const char *step, const char *file) {
    char name[400];
    if (!l->tracing) return;
    bool finished = false;
    for (int i = 0; i < l->n_steps; i++) finished |= strcmp(l->steps[i], step) == 0;
    snprintf(name, sizeof name, "%s%s", finished ? "" : "before/", step);
    mark(entry_in(l, name, file));
}

void ledger_read_here(ledger *l, const char *step, const char *file) {
    if (!l->tracing) return;
    mark(entry_in(l, step, file));
    if (is_strange(l, slice_of(file))) l->unsound = true;
}

void ledger_read_part(ledger *l, const char *step, const char *part, const char *file) {
    char name[400];
    if (!l->tracing) return;
    snprintf(name, sizeof name, "%s/%s", step, part);
    if (ledger_has(l, name)) mark(find(l, name));
    else ledger_read_file(l, step, file);
}

static void read_word(ledger *l, slice word) {
    for (int i = 0; i < l->n; i++)
        if (is_table(&l->at[i], word)) l->at[i].read = true;
    if (is_strange(l, word)) l->unsound = true;
}

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_' || (c & 0x80); }

/* Where the text between two quotes that starts at i ends: behind the second one. */
static size_t past_quotes(slice sql, size_t i) {
    char quote = sql.p[i++];
    for (; i < sql.n; i++) {
        if (sql.p[i] != quote) continue;
        if (i + 1 == sql.n || sql.p[i + 1] != quote) return i + 1;
        i++;
    }
    return sql.n;
}

/* Files that a literal names: '/x/03_datasets/d_sales.parquet'. */
static void read_literal(ledger *l, slice literal) {
    static const char end[] = ".parquet";
    size_t n = sizeof end - 1;
    for (size_t i = 0; i + n <= literal.n; i++) {
        if (memcmp(literal.p + i, end, n) != 0) continue;
        size_t from = i;
        while (from > 0 && in_word(literal.p[from - 1])) from--;
        read_word(l, (slice){literal.p + from, i - from});
    }
}

static size_t past_comment(slice sql, size_t i) {
    bool line = sql.p[i] == '-';
    for (i += 2; i < sql.n; i++) {
        if (line && sql.p[i] == '\n') return i;
        if (!line && sql.p[i] == '/' && sql.p[i - 1] == '*') return i + 1;
    }
    return sql.n;
}

static bool is_comment(slice sql, size_t i) {
    return i + 1 < sql.n && ((sql.p[i] == '-' && sql.p[i + 1] == '-') ||
                             (sql.p[i] == '/' && sql.p[i + 1] == '*'));
}

/* Every word of a statement that can be a table: none behind a dot (a column of one, unless a
 * schema stands before it) or behind AS (a name that is given). */
static void see(void *what, slice sql) {
    ledger *l = what;
    slice last = {0};
    bool named = false; /* the next word is a column or a new name */
    for (size_t i = 0; l->tracing && i < sql.n;) {
        size_t from = i;
        char c = sql.p[i];
        if (is_comment(sql, i)) {
            i = past_comment(sql, i);
        } else if (c == '\'') {
            i = past_quotes(sql, i);
            read_literal(l, (slice){sql.p + from, i - from});
            named = false;
        } else if (c == '"' || in_word(c)) {
            i = c == '"' ? past_quotes(sql, i) : i + 1;
            while (c != '"' && i < sql.n && in_word(sql.p[i])) i++;
            slice word = {sql.p + from, i - from};
            if (c == '"') word = (slice){word.p + 1, word.n > 1 ? word.n - 2 : 0};
            if (!named) read_word(l, word);
            named = c != '"' && slice_is_nocase(word, "as");
            last = word;
        } else {
            bool of_schema = slice_is_nocase(last, "main") || slice_is_nocase(last, "temp");
            if (!isspace((unsigned char)c)) named = c == '.' && !of_schema;
            i++;
        }
    }
}

static int by_read(const void *a, const void *b) {
    return strcmp(((const ledger_read *)a)->name, ((const ledger_read *)b)->name);
}

bool ledger_end(ledger *l, scope *s, ledger_read **reads, int *n) {
    err ignored = {0};
    *reads = take(&s->keep, ledger_read, l->n);
    *n = 0;
    l->tracing = false;
    for (int i = 0; i < l->n; i++) {
        if (!l->at[i].read) continue;
        ledger_read *to = &(*reads)[(*n)++];
        to->name = l->at[i].name;
        if (!ledger_sha(l, to->name, &to->sha, &ignored)) l->unsound = true;
    }
    qsort(*reads, (size_t)*n, sizeof **reads, by_read);
    return !l->unsound && !l->full;
}

static void stop(void *what) {
    ledger *l = what;
    db_watch(l->d, NULL, NULL);
}

ledger *ledger_open(scope *owner, db *d, const char *out, err *e) {
    if (arena_left(&owner->keep) < sizeof(ledger) + MOST_NAMES * sizeof(entry) + (1 << 20)) {
        fail_memory(e, "the ledger of a run");
        return NULL;
    }
    ledger *l = take(&owner->keep, ledger, 1);
    *l = (ledger){.owner = owner, .d = d, .out = out};
    l->at = take(&owner->keep, entry, MOST_NAMES);
    db_watch(d, see, l);
    scope_defer(owner, stop, l);
    return l;
}
