/* check_json: members of what the program says, for tests. */
#ifndef TESTS_CHECK_JSON_H
#define TESTS_CHECK_JSON_H

#include "check.h"

#include "base/json.h"

/* The member `key` of n: NaN and "(absent)" where it is not there or of another kind. */
double real_of(const js_node *n, const char *key);
slice text_of(const js_node *n, const char *key);

/* A file of that name and content in a fresh folder of the name before its dot. */
const char *write_table(scope *s, const char *name, slice content);

/* A file of that name and content in a folder that is there. */
void write_file(scope *s, const char *to, const char *name, const char *content);

/* Runs the program, which must end well, and reads its stdout. */
const js_node *run_json(scope *s, const char *const *argv);

#endif
