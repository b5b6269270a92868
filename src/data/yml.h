/* yml: a small document of settings as a tree whose nodes know their line, over the YAML library.
 *
 *     const yml *top = yml_read(s, "shop/atelier.yaml", e);
 *     for (const yml *at = top->first; at; at = at->next) ...   // at->key, at->line
 *
 * Read are mappings, lists and scalars. Refused, with file and line: anchors, aliases, tags, a key
 * twice in one mapping, a second document, a NUL byte, more than 32 levels, more than 1 MiB. */
#ifndef DATA_YML_H
#define DATA_YML_H

#include "base/text.h"

typedef enum yml_kind { YML_TEXT, YML_LIST, YML_MAP } yml_kind;

typedef struct yml {
    yml_kind kind;
    int line;         /* from 1; of the key, where it has one */
    const char *key;  /* in a mapping; else NULL */
    const char *text; /* of a scalar, as written; else NULL */
    bool quoted;      /* "true" is a text, true is not */
    int n;            /* items */
    struct yml *first, *next;
} yml;

/* The document's top, in owner's memory; of a file of nothing but comments an empty mapping.
 * NULL when refused. */
const yml *yml_read(scope *owner, const char *path, err *e);

const yml *yml_get(const yml *map, const char *key); /* NULL when absent, or map is no mapping */

/* Refuses with "PATH:LINE: …" and the cause config. */
bool yml_refuse(const char *path, int line, err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The place of word among n names; refuses with the nearest, as "'clour' is no WHAT; did you mean
 * colour?", and returns -1. */
int yml_one_of(const char *path, int line, const char *word, const char *const *names, int n,
               const char *what, err *e);

#endif
