/* yml: documents as trees, over libyaml; the only file that includes its header. */
#include "data/yml.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "data/folder.h"

enum { deepest = 32 };

typedef struct reader {
    scope *owner;
    const char *path;
    yaml_parser_t yaml;
    yaml_event_t event;
    bool has_event;
} reader;

static void close_reader(void *what) {
    reader *r = what;
    if (r->has_event) yaml_event_delete(&r->event);
    yaml_parser_delete(&r->yaml);
}

bool yml_refuse(const char *path, int line, err *e, const char *format, ...) {
    char said[600];
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    refuse(e, "%s:%d: %s", path, line, said);
    return fail_cause(e, "config");
}

int yml_one_of(const char *path, int line, const char *word, const char *const *names, int n,
               const char *what, err *e) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], word) == 0) return i;
    const char *near = slice_nearest(slice_of(word), names, n);
    yml_refuse(path, line, e, "'%s' is no %s%s%s%s", word, what, near ? "; did you mean " : "",
               near ? near : "", near ? "?" : "");
    return -1;
}

const yml *yml_get(const yml *map, const char *key) {
    for (const yml *at = map && map->kind == YML_MAP ? map->first : NULL; at; at = at->next)
        if (strcmp(at->key, key) == 0) return at;
    return NULL;
}

static int line_of(const reader *r) { return (int)r->event.start_mark.line + 1; }

/* True when the event's node has an anchor or a tag that was written. */
static bool is_marked(const yaml_event_t *v) {
    switch (v->type) {
    case YAML_SCALAR_EVENT: return v->data.scalar.anchor || v->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return v->data.sequence_start.anchor || v->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return v->data.mapping_start.anchor || v->data.mapping_start.tag;
    default: return false;
    }
}

static bool next(reader *r, err *e) {
    if (r->has_event) yaml_event_delete(&r->event);
    r->has_event = yaml_parser_parse(&r->yaml, &r->event) == 1;
    if (!r->has_event)
        return yml_refuse(r->path, (int)r->yaml.problem_mark.line + 1, e, "%s",
                          r->yaml.problem ? r->yaml.problem : "this is not YAML");
    if (r->event.type == YAML_ALIAS_EVENT)
        return yml_refuse(r->path, line_of(r), e, "aliases are not read here");
    return !is_marked(&r->event) ||
           yml_refuse(r->path, line_of(r), e, "anchors and tags are not read here");
}

static bool read_text(reader *r, yml *to, err *e) {
    slice s = {(const char *)r->event.data.scalar.value, r->event.data.scalar.length};
    if (memchr(s.p, 0, s.n)) return yml_refuse(r->path, line_of(r), e, "a NUL byte in a text");
    to->kind = YML_TEXT;
    to->text = slice_copy(&r->owner->keep, s);
    to->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool read_node(reader *r, yml *to, int level, err *e);

/* The key of the current event and the value after it. */
static bool read_pair(reader *r, const yml *map, yml *to, int level, err *e) {
    yml key = {0};
    if (r->event.type != YAML_SCALAR_EVENT)
        return yml_refuse(r->path, line_of(r), e, "a key is wanted here");
    int line = line_of(r);
    if (!read_text(r, &key, e)) return false;
    if (yml_get(map, key.text))
        return yml_refuse(r->path, line, e, "the key '%s' stands here twice", key.text);
    if (!next(r, e) || !read_node(r, to, level, e)) return false;
    to->key = key.text;
    to->line = line;
    return true;
}

static bool read_items(reader *r, yml *to, yaml_event_type_t end, int level, err *e) {
    yml **place = &to->first;
    while (next(r, e)) {
        if (r->event.type == end) return true;
        yml *item = take(&r->owner->keep, yml, 1);
        if (!(to->kind == YML_MAP ? read_pair(r, to, item, level, e)
                                  : read_node(r, item, level, e)))
            return false;
        *place = item;
        place = &item->next;
        to->n++;
    }
    return false;
}

/* The node that begins with the current event. */
static bool read_node(reader *r, yml *to, int level, err *e) {
    to->line = line_of(r);
    if (level == deepest) return yml_refuse(r->path, to->line, e, "more than 32 levels");
    if (r->event.type == YAML_SCALAR_EVENT) return read_text(r, to, e);
    bool is_map = r->event.type == YAML_MAPPING_START_EVENT;
    to->kind = is_map ? YML_MAP : YML_LIST;
    return read_items(r, to, is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, level + 1,
                      e);
}

static bool read_document(reader *r, yml *top, err *e) {
    do if (!next(r, e)) return false;
    while (r->event.type == YAML_STREAM_START_EVENT || r->event.type == YAML_DOCUMENT_START_EVENT);
    top->kind = YML_MAP;
    top->line = 1;
    if (r->event.type == YAML_STREAM_END_EVENT) return true; /* nothing but comments */
    if (!read_node(r, top, 0, e) || !next(r, e) || !next(r, e)) return false;
    return r->event.type == YAML_STREAM_END_EVENT ||
           yml_refuse(r->path, line_of(r), e, "only one document is read");
}

const yml *yml_read(scope *owner, const char *path, err *e) {
    slice bytes;
    if (!file_read(path, owner, 1 << 20, &bytes, e)) return NULL;
    reader *r = take(&owner->keep, reader, 1);
    yml *top = take(&owner->keep, yml, 1);
    *r = (reader){.owner = owner, .path = path};
    if (!yaml_parser_initialize(&r->yaml)) return fail_memory(e, "YAML"), NULL;
    scope_defer(owner, close_reader, r);
    yaml_parser_set_input_string(&r->yaml, (const unsigned char *)bytes.p, bytes.n);
    return read_document(r, top, e) ? top : NULL;
}
