/* json: a streaming writer of our own and a strict reader over the JSON library (jansson).
 *
 * The prefix is js_, because the library's own names begin with json_.
 *
 * Writer: commas, nesting and escapes are its business. The key is NULL inside arrays. Numbers are
 * the shortest text that reads back to the same double; NaN and infinities are written as null.
 *
 *     js j;
 *     js_open(&j, &owner);
 *     js_object(&j, NULL);
 *     js_put_text(&j, "name", slice_of("dress"));
 *     js_array(&j, "units");  js_put_int(&j, NULL, 3);  js_end(&j);
 *     js_end(&j);
 *     slice answer = text_slice(&j.out);
 *
 * Reader: nodes belong to the document, which dies with its scope. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/text.h"

typedef struct js {
    text out;
    char close[48]; /* '}' or ']' per open level */
    int depth;
    bool first, indent; /* indent: two spaces per level, one item a line */
} js;

void js_open(js *j, scope *owner);
void js_object(js *j, const char *key);
void js_array(js *j, const char *key);
void js_end(js *j);
void js_put_text(js *j, const char *key, slice value);
void js_put_word(js *j, const char *key, const char *value); /* NULL writes null */
void js_putf(js *j, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void js_put_int(js *j, const char *key, int64_t value);
void js_put_real(js *j, const char *key, double value);
void js_put_fixed(js *j, const char *key, double value, int decimals);
void js_put_bool(js *j, const char *key, bool value);
void js_put_null(js *j, const char *key);
void js_put_raw(js *j, const char *key, slice already_json);

typedef struct js_node js_node; /* opaque; const pointers into a document */

/* Parses one whole document: duplicate keys, trailing text and bad UTF-8 are refused, the sentence
 * names line and column. The document is freed with owner. */
const js_node *js_parse(scope *owner, slice bytes, err *e);
const js_node *js_get(const js_node *object, const char *key); /* NULL when absent */
int64_t js_count(const js_node *array_or_object);
const js_node *js_at(const js_node *array, int64_t index);
bool js_text(const js_node *n, slice *out);   /* false when n is NULL or not a string */
bool js_int(const js_node *n, int64_t *out);  /* whole numbers only */
bool js_real(const js_node *n, double *out);  /* any number */
bool js_bool(const js_node *n, bool *out);
slice js_word(const js_node *object, const char *key);   /* "" when absent or no text */
double js_number(const js_node *object, const char *key); /* NaN when absent or no number */
bool js_is_object(const js_node *n);
bool js_is_array(const js_node *n);
/* Writes a node of a document, keys in their order: to pass on part of what was read. */
void js_put_node(js *j, const char *key, const js_node *n); /* NULL writes null */
const char *js_version(void); /* of the library */
/* i-th key of an object in the document's order; NULL past the end. O(i). */
const char *js_key(const js_node *object, int64_t index);

#endif
