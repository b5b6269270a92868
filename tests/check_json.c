/* check_json: members of what the program says, for tests. */
#include "check_json.h"

#include <math.h>
#include <string.h>

#include "data/folder.h"

double real_of(const js_node *n, const char *key) {
    double value = NAN;
    js_real(js_get(n, key), &value);
    return value;
}

slice text_of(const js_node *n, const char *key) {
    slice value = SLICE("(absent)");
    js_text(js_get(n, key), &value);
    return value;
}

const js_node *run_json(scope *s, const char *const *argv) {
    err e = {0};
    check_run r = check_atelier(s, argv);
    if (r.status != 0) check_text(r.err, "");
    return js_parse(s, r.out, &e);
}

const char *write_table(scope *s, const char *name, slice content) {
    err e = {0};
    char *folder_name = arena_text(&s->keep, "%.*s", (int)strcspn(name, "."), name);
    const char *path = arena_text(&s->keep, "%s/%s", check_folder(folder_name), name);
    check_ok(file_replace(path, content, &e), &e);
    return path;
}

void write_file(scope *s, const char *to, const char *name, const char *content) {
    err e = {0};
    check_ok(file_replace(arena_text(&s->keep, "%s/%s", to, name), slice_of(content), &e), &e);
}
