/* config: atelier.yaml in a shop's folder: what its owner says about files, columns and time. */
#include "data/config.h"

#include <string.h>

#include "data/contract.h"
#include "data/folder.h"
#include "data/yml.h"

typedef struct reader {
    scope *owner;
    config *out;
} reader;

#define WRONG(r, node, e, ...) yml_refuse((r)->out->path, (node)->line, e, __VA_ARGS__)

static int source_at(const reader *r, const yml *at, err *e) {
    const char *names[6];
    for (int i = 0; i < 6; i++) names[i] = contract_sources[i].source;
    return yml_one_of(r->out->path, at->line, at->key, names, 6, "source", e);
}

/* {postgresql: ADDRESS, table: NAME} or {…, query: SELECT}. */
static bool add_table(reader *r, const char *source, const yml *at, err *e) {
    static const char *const keys[] = {"postgresql", "table", "query"};
    int most = sizeof r->out->tables / sizeof r->out->tables[0];
    const contract *c = contract_find(source);
    if (!c) return WRONG(r, at, e, "only files are ignored: leave the table out");
    if (r->out->n_tables == most) return WRONG(r, at, e, "more than %d tables", most);
    config_table *t = &r->out->tables[r->out->n_tables++];
    *t = (config_table){.source = (int)(c - contract_sources), .line = at->line};
    const char **to[] = {&t->address, &t->table, &t->query};
    for (const yml *one = at->first; one; one = one->next) {
        int k = yml_one_of(r->out->path, one->line, one->key, keys, 3, "key of a table", e);
        if (k < 0) return false;
        if (one->kind != YML_TEXT || !*one->text) return WRONG(r, one, e, "a text is wanted here");
        *to[k] = one->text;
    }
    if (!t->address)
        return WRONG(r, at, e, "postgresql: \"postgresql://user@host/database\" is wanted here");
    return !t->table != !t->query || WRONG(r, at, e, "one of table and query is wanted here");
}

static bool add_file(reader *r, const char *source, const yml *at, err *e) {
    if (at->kind == YML_MAP) return add_table(r, source, at, e);
    int most = sizeof r->out->files / sizeof r->out->files[0];
    if (at->kind != YML_TEXT)
        return WRONG(r, at, e, "a file name or a list of them is wanted here");
    if (r->out->n_files == most) return WRONG(r, at, e, "more than 256 file names");
    r->out->files[r->out->n_files++] = (config_pair){source, at->text};
    return true;
}

/* One name or a list of names. */
static bool read_files(reader *r, const char *source, const yml *at, err *e) {
    if (at->kind != YML_LIST) return add_file(r, source, at, e);
    for (const yml *one = at->first; one; one = one->next)
        if (!add_file(r, source, one, e)) return false;
    return true;
}

static bool read_map(reader *r, int source, const yml *at, err *e) {
    const contract *c = &contract_sources[source];
    const char *names[64], *map = "";
    for (int i = 0; i < c->n; i++) names[i] = c->columns[i].name;
    if (at->kind != YML_MAP) return WRONG(r, at, e, "column: header pairs are wanted here");
    for (const yml *one = at->first; one; one = one->next) {
        if (yml_one_of(r->out->path, one->line, one->key, names, c->n, "column of this source",
                       e) < 0)
            return false;
        if (one->kind != YML_TEXT || strpbrk(one->text, ",="))
            return WRONG(r, one, e, "a header is wanted here, without ',' and '='");
        map = arena_text(&r->owner->keep, "%s%s%s=%s", map, *map ? "," : "", one->key, one->text);
    }
    r->out->maps[source] = map;
    return true;
}

/* A mapping whose keys are sources; each value is read by its kind. */
static bool read_by_source(reader *r, bool is_files, const yml *at, err *e) {
    if (at->kind != YML_MAP) return WRONG(r, at, e, "source: value pairs are wanted here");
    for (const yml *one = at->first; one; one = one->next) {
        int source = source_at(r, one, e);
        if (source < 0 ||
            !(is_files ? read_files(r, contract_sources[source].source, one, e)
                       : read_map(r, source, one, e)))
            return false;
    }
    return true;
}

static bool read_as_of(reader *r, const yml *at, err *e) {
    return (at->kind == YML_TEXT && day_parse(slice_of(at->text), &r->out->as_of)) ||
           WRONG(r, at, e, "as_of is a day like 2020-09-23");
}

static bool read_key(reader *r, const yml *at, err *e) {
    static const char *const keys[] = {"sources", "columns", "ignore", "as_of"};
    switch (yml_one_of(r->out->path, at->line, at->key, keys, 4, "key of atelier.yaml", e)) {
    case 0: return read_by_source(r, true, at, e);
    case 1: return read_by_source(r, false, at, e);
    case 2: return read_files(r, "ignore", at, e);
    case 3: return read_as_of(r, at, e);
    default: return false;
    }
}

bool config_read(scope *owner, const char *shop, config *out, err *e) {
    *out = (config){0};
    const char *path = arena_text(&owner->keep, "%s/atelier.yaml", shop);
    if (!file_exists(path)) path = arena_text(&owner->keep, "%s/atelier.yml", shop);
    if (!file_exists(path)) return true;
    reader r = {owner, out};
    out->path = path;
    const yml *top = yml_read(owner, path, e);
    if (!top) return false;
    if (top->kind != YML_MAP) return WRONG(&r, top, e, "key: value pairs are wanted here");
    for (const yml *at = top->first; at; at = at->next)
        if (!read_key(&r, at, e)) return false;
    return true;
}
