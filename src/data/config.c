/* config: atelier.yaml in a shop's folder, over libyaml; the only file that includes its header. */
#include "data/config.h"

#include <string.h>

#include <yaml.h>

#include "data/contract.h"
#include "data/folder.h"

typedef struct reader {
    scope *owner;
    const char *path;
    yaml_parser_t yaml;
    yaml_event_t event;
    bool has_event;
    config *out;
} reader;

static const char *const keys[] = {"sources", "columns", "ignore", "as_of"};

static int line_of(const reader *r) { return (int)r->event.start_mark.line + 1; }

static void close_reader(void *what) {
    reader *r = what;
    if (r->has_event) yaml_event_delete(&r->event);
    yaml_parser_delete(&r->yaml);
}

static bool next(reader *r, err *e) {
    if (r->has_event) yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->yaml, &r->event) == 1;
    if (r->has_event && r->event.type != YAML_ALIAS_EVENT) return true;
    refuse(e, "%s:%d: %s", r->path, (int)r->yaml.problem_mark.line + 1,
           r->has_event ? "aliases are not read here"
                        : (r->yaml.problem ? r->yaml.problem : "this is not YAML"));
    return fail_cause(e, "config");
}

static bool wrong(const reader *r, err *e, const char *what) {
    refuse(e, "%s:%d: %s", r->path, line_of(r), what);
    return fail_cause(e, "config");
}

/* The text of the scalar that is the current event; NULL when it is something else. */
static const char *scalar(const reader *r) {
    if (r->event.type != YAML_SCALAR_EVENT) return NULL;
    slice s = {(const char *)r->event.data.scalar.value, r->event.data.scalar.length};
    return memchr(s.p, 0, s.n) ? NULL : slice_copy(&r->owner->keep, s);
}

static bool unknown(const reader *r, const char *key, const char *const *names, int n,
                    const char *what, err *e) {
    const char *near = slice_nearest(slice_of(key), names, n);
    refuse(e, "%s:%d: '%s' is no %s%s%s%s", r->path, line_of(r), key, what,
           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return fail_cause(e, "config");
}

static int source_at(const reader *r, const char *key, err *e) {
    const char *names[6];
    for (int i = 0; i < 6; i++) {
        names[i] = contract_sources[i].source;
        if (strcmp(names[i], key) == 0) return i;
    }
    unknown(r, key, names, 6, "source", e);
    return -1;
}

static bool add_file(reader *r, const char *source, err *e) {
    const char *pattern = scalar(r);
    int most = sizeof r->out->files / sizeof r->out->files[0];
    if (!pattern) return wrong(r, e, "a file name or a list of them is wanted here");
    if (r->out->n_files == most) return wrong(r, e, "more than 256 file names");
    r->out->files[r->out->n_files++] = (config_pair){source, pattern};
    return true;
}

/* One name or a list of names. */
static bool read_files(reader *r, const char *source, err *e) {
    if (!next(r, e)) return false;
    if (r->event.type != YAML_SEQUENCE_START_EVENT) return add_file(r, source, e);
    while (next(r, e)) {
        if (r->event.type == YAML_SEQUENCE_END_EVENT) return true;
        if (!add_file(r, source, e)) return false;
    }
    return false;
}

static bool read_map(reader *r, int source, err *e) {
    const contract *c = &contract_sources[source];
    const char *names[64], *map = "";
    for (int i = 0; i < c->n; i++) names[i] = c->columns[i].name;
    if (!next(r, e)) return false;
    if (r->event.type != YAML_MAPPING_START_EVENT)
        return wrong(r, e, "column: header pairs are wanted here");
    while (next(r, e)) {
        if (r->event.type == YAML_MAPPING_END_EVENT) return r->out->maps[source] = map, true;
        const char *key = scalar(r);
        bool known = false;
        for (int i = 0; key && i < c->n; i++) known = known || strcmp(names[i], key) == 0;
        if (!key) return wrong(r, e, "a column's name is wanted here");
        if (!known) return unknown(r, key, names, c->n, "column of this source", e);
        if (!next(r, e)) return false;
        const char *header = scalar(r);
        if (!header || strpbrk(header, ",="))
            return wrong(r, e, "a header is wanted here, without ',' and '='");
        map = arena_text(&r->owner->keep, "%s%s%s=%s", map, *map ? "," : "", key, header);
    }
    return false;
}

/* A mapping whose keys are sources; each value is read by its kind. */
static bool read_by_source(reader *r, bool is_files, err *e) {
    if (!next(r, e)) return false;
    if (r->event.type != YAML_MAPPING_START_EVENT)
        return wrong(r, e, "source: value pairs are wanted here");
    while (next(r, e)) {
        if (r->event.type == YAML_MAPPING_END_EVENT) return true;
        const char *key = scalar(r);
        int source = key ? source_at(r, key, e) : -1;
        if (source < 0) return wrong(r, e, "a source's name is wanted here");
        if (is_files ? !read_files(r, contract_sources[source].source, e)
                     : !read_map(r, source, e))
            return false;
    }
    return false;
}

static bool read_as_of(reader *r, err *e) {
    if (!next(r, e)) return false;
    const char *day = scalar(r);
    return (day && day_parse(slice_of(day), &r->out->as_of)) ||
           wrong(r, e, "as_of is a day like 2020-09-23");
}

static bool read_key(reader *r, err *e) {
    const char *key = scalar(r);
    if (!key) return wrong(r, e, "a key is wanted here");
    if (strcmp(key, "sources") == 0) return read_by_source(r, true, e);
    if (strcmp(key, "columns") == 0) return read_by_source(r, false, e);
    if (strcmp(key, "ignore") == 0) return read_files(r, "ignore", e);
    if (strcmp(key, "as_of") == 0) return read_as_of(r, e);
    return unknown(r, key, keys, sizeof keys / sizeof keys[0], "key of atelier.yaml", e);
}

static bool read_document(reader *r, err *e) {
    do if (!next(r, e)) return false;
    while (r->event.type == YAML_STREAM_START_EVENT || r->event.type == YAML_DOCUMENT_START_EVENT);
    if (r->event.type == YAML_STREAM_END_EVENT) return true; /* nothing but comments */
    if (r->event.type != YAML_MAPPING_START_EVENT)
        return wrong(r, e, "key: value pairs are wanted here");
    while (next(r, e) && r->event.type != YAML_MAPPING_END_EVENT)
        if (!read_key(r, e)) return false;
    if (e->kind != ERR_NONE || !next(r, e) || !next(r, e)) return false;
    return r->event.type == YAML_STREAM_END_EVENT || wrong(r, e, "only one document is read");
}

bool config_read(scope *owner, const char *shop, config *out, err *e) {
    slice bytes;
    *out = (config){0};
    const char *path = arena_text(&owner->keep, "%s/atelier.yaml", shop);
    if (!file_exists(path)) path = arena_text(&owner->keep, "%s/atelier.yml", shop);
    if (!file_exists(path)) return true;
    if (!file_read(path, owner, 1 << 20, &bytes, e)) return false;
    reader *r = take(&owner->keep, reader, 1);
    *r = (reader){.owner = owner, .path = path, .out = out};
    out->path = path;
    if (!yaml_parser_initialize(&r->yaml)) return fail(e, "out of memory for YAML");
    scope_defer(owner, close_reader, r);
    yaml_parser_set_input_string(&r->yaml, (const unsigned char *)bytes.p, bytes.n);
    return read_document(r, e);
}
