/* params: what a route takes from path and query, checked against a table; all mistakes at once.
 *
 * A mistake is an object as FastAPI and pydantic 2 write it:
 *     {"type":"less_than_equal","loc":["query","k"],"msg":"Input should be less than or equal to
 *      100","input":"1000","ctx":{"le":100}} */
#ifndef SURFACES_PARAMS_H
#define SURFACES_PARAMS_H

#include "base/json.h"

typedef enum param_place {
    PARAM_QUERY,
    PARAM_PATH,
    PARAM_REST, /* of the path, with '/' */
    PARAM_BODY  /* a member of the JSON object that is the body */
} param_place;
typedef enum param_kind {
    PARAM_TEXT,
    PARAM_INT,
    PARAM_REAL,
    PARAM_CHOICE,
    PARAM_CATEGORY,
    PARAM_EVENTS, /* arrays that the view reads: of events, of texts */
    PARAM_TEXTS
} param_kind;

typedef struct param {
    const char *name;
    param_place place;
    param_kind kind;
    const char *words; /* PARAM_CHOICE: "rising|declining" */
    const char *value; /* default as text; NULL = none */
    int64_t low, high; /* inclusive range of the number, or of the length of a text in bytes */
    const char *example; /* "@customer", "@article", "@series", "@category", "@segment": the
                          * bundle's first */
    const char *help;
} param;

typedef struct param_value {
    bool given;     /* in the request (defaults are filled in either way) */
    double real;    /* PARAM_INT and PARAM_REAL */
    int64_t number; /* PARAM_INT; PARAM_CHOICE: index of the word, -1 = not given;
                     * PARAM_CATEGORY: left to the caller, who knows the categories */
    slice text;     /* decoded; n = 0 when not given and no default */
    const js_node *node; /* PARAM_BODY: as it came; NULL = not given */
} param_value;

enum { PARAMS_MOST = 20 };

/* Fills values[i] for params[i] (a table that ends with {0}) from a request: `path` are the raw
 * parts that the template's {…} matched, in order, `body` the object that was sent (NULL = none).
 * Mistakes become objects in the open array `mistakes`; the result is their number. Names that are
 * not in the table are ignored; of equal names in a query the last counts. Decoded text lies in
 * keep. */
typedef struct param_sources {
    const slice *path;
    slice query;
    const js_node *body;
} param_sources;
int params_read(const param *params, const param_sources *from, arena *keep, param_value *values,
                js *mistakes);

/* One mistake of a view's own, in the same form; ctx may be NULL or raw JSON. What an array holds
 * is named by index and member ("" = the item itself); without a name the place alone is meant. */
typedef struct param_mistake {
    const char *type, *place, *name, *message, *context;
    slice input;
    int64_t index;
    const char *member; /* NULL = none: index does not count */
} param_mistake;
void params_mistake(js *mistakes, const param_mistake *m);

/* Percent-decoded copy; '+' becomes a space when plus is set; a broken escape stays as it is. */
slice params_decode(arena *keep, slice encoded, bool plus);

/* Percent-encoded copy for a path segment. */
slice params_encode(arena *keep, slice text);

#endif
