/* terms: what the owner of a shop demands of a source beyond its types. */
#include "data/terms.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"
#include "data/yml.h"

typedef struct reader {
    scope *owner;
    terms *out;
} reader;

#define WRONG(r, at, e, ...) yml_refuse((r)->out->path, (at)->line, e, __VA_ARGS__)
#define WORDS(list) list, (int)(sizeof list / sizeof list[0])

static const char *const on_bad_words[] = {"reject", "null", "clamp", "fail"};

const char *terms_on_bad_word(terms_on_bad on_bad) { return on_bad_words[on_bad]; }

const terms_column *terms_find(const terms *t, const char *column) {
    for (int i = 0; t && i < t->n; i++)
        if (strcmp(t->columns[i].column->name, column) == 0) return &t->columns[i];
    return NULL;
}

bool terms_is_hidden(const terms *t, const char *column) {
    const terms_column *c = terms_find(t, column);
    return c && c->pii && (strcmp(c->pii, "direct") == 0 || strcmp(c->pii, "sensitive") == 0);
}

/* ---- single values ---- */

static int word_of(const reader *r, const yml *at, const char *const *words, int n,
                   const char *what, err *e) {
    if (at->kind == YML_TEXT)
        return yml_one_of(r->out->path, at->line, at->text, words, n, what, e);
    WRONG(r, at, e, "a %s is wanted here", what);
    return -1;
}

static bool read_bool(const reader *r, const yml *at, bool *out, err *e) {
    static const char *const words[] = {"false", "true"};
    int i = word_of(r, at, WORDS(words), "yes or no: true or false", e);
    *out = i == 1;
    return i >= 0;
}

static bool read_number(const reader *r, const yml *at, double low, double high, double *out,
                        err *e) {
    return (at->kind == YML_TEXT && slice_double(slice_of(at->text), out) && *out >= low &&
            *out <= high) ||
           WRONG(r, at, e, "%s is a number from %g to %g", at->key, low, high);
}

static bool read_count(const reader *r, const yml *at, int64_t *out, err *e) {
    return (at->kind == YML_TEXT && slice_int(slice_of(at->text), out) && *out >= 0) ||
           WRONG(r, at, e, "%s is a whole number from 0", at->key);
}

static bool read_text(const reader *r, const yml *at, const char **out, err *e) {
    *out = at->text;
    return at->kind == YML_TEXT || WRONG(r, at, e, "%s is a text", at->key);
}

/* A column of a contract by its name. */
static const contract_column *column_of(const reader *r, const yml *at, const char *name,
                                        const contract *c, err *e) {
    const char *names[64];
    for (int i = 0; i < c->n; i++) names[i] = c->columns[i].name;
    const char *what = arena_text(&r->owner->keep, "column of %s", c->source);
    int i = yml_one_of(r->out->path, at->line, name, names, c->n, what, e);
    return i < 0 ? NULL : &c->columns[i];
}

/* ---- one column ---- */

static bool is_of_type(const char *said, contract_type type) {
    double number;
    int64_t whole;
    int32_t day;
    switch (type) {
    case CONTRACT_INT: return slice_int(slice_of(said), &whole);
    case CONTRACT_REAL: return slice_double(slice_of(said), &number);
    case CONTRACT_DAY:
    case CONTRACT_TIME: return day_parse(slice_of(said), &day);
    default: return false;
    }
}

static bool read_bound(const reader *r, const yml *at, const terms_column *c, const char **out,
                       err *e) {
    if (c->type == CONTRACT_TEXT)
        return WRONG(r, at, e, "%s is text: it has no %s", c->column->name, at->key);
    if (at->kind != YML_TEXT || !is_of_type(at->text, c->type))
        return WRONG(r, at, e, "%s of %s is a %s", at->key, c->column->name,
                     c->type >= CONTRACT_DAY ? "day like 2020-09-23" : contract_type_word(c->type));
    *out = at->text;
    return true;
}

static bool read_type(const reader *r, const yml *at, terms_column *c, err *e) {
    static const char *const words[] = {"text", "whole number", "number", "date", "time"};
    int i = word_of(r, at, WORDS(words), "type", e);
    if (i < 0) return false;
    if (c->column->type != CONTRACT_TEXT && (contract_type)i != c->column->type)
        return WRONG(r, at, e, "%s of %s is read as %s: no other type can be asked for",
                     c->column->name, r->out->source->source, words[c->column->type]);
    c->type = (contract_type)i;
    return true;
}

static bool read_values(const reader *r, const yml *at, terms_column *c, err *e) {
    if (at->kind != YML_LIST || at->n == 0)
        return WRONG(r, at, e, "values is a list like [store, online]");
    c->values = take(&r->owner->keep, const char *, at->n);
    for (const yml *one = at->first; one; one = one->next) {
        if (one->kind != YML_TEXT) return WRONG(r, one, e, "a value is wanted here");
        c->values[c->n_values++] = one->text;
    }
    return true;
}

static bool read_reference(const reader *r, const yml *at, terms_column *c, err *e) {
    const char *names[6], *dot = at->kind == YML_TEXT ? strchr(at->text, '.') : NULL;
    if (!dot) return WRONG(r, at, e, "references is like customers.customer_id");
    for (int i = 0; i < 6; i++) names[i] = contract_sources[i].source;
    char *source = slice_copy(&r->owner->keep, (slice){at->text, (size_t)(dot - at->text)});
    int i = yml_one_of(r->out->path, at->line, source, names, 6, "source", e);
    if (i < 0) return false;
    const contract_column *to = column_of(r, at, dot + 1, &contract_sources[i], e);
    c->other_source = names[i];
    c->other_column = to ? to->name : NULL;
    return to != NULL;
}

static bool read_term(const reader *r, const yml *at, terms_column *c, err *e) {
    static const char *const keys[] = {"type",    "required", "unique", "min", "max",   "values",
                                       "pattern", "references", "pii", "on_bad", "description"};
    static const char *const pii[] = {"none", "indirect", "direct", "sensitive"};
    int i;
    switch (yml_one_of(r->out->path, at->line, at->key, WORDS(keys), "key of a column", e)) {
    case 0: return true; /* read before the others: bounds depend on it */
    case 1: return read_bool(r, at, &c->required, e);
    case 2: return read_bool(r, at, &c->unique, e);
    case 3: return read_bound(r, at, c, &c->low, e);
    case 4: return read_bound(r, at, c, &c->high, e);
    case 5: return read_values(r, at, c, e);
    case 6: return read_text(r, at, &c->pattern, e);
    case 7: return read_reference(r, at, c, e);
    case 8:
        i = word_of(r, at, WORDS(pii), "class of personal data", e);
        if (i >= 0) c->pii = pii[i];
        return i >= 0;
    case 9:
        i = word_of(r, at, WORDS(on_bad_words), "answer to a bad cell", e);
        if (i >= 0) c->on_bad = (terms_on_bad)i;
        return i >= 0;
    case 10: return read_text(r, at, &c->description, e);
    default: return false;
    }
}

/* What no line alone can say. */
static bool check_column(const reader *r, const yml *at, const terms_column *c, err *e) {
    if (c->on_bad == ON_BAD_NULL && (c->required || c->column->required))
        return WRONG(r, at, e, "%s is required: its cells cannot be emptied (on_bad: reject)",
                     c->column->name);
    if (c->on_bad == ON_BAD_CLAMP && (!c->low || !c->high || c->column->type > CONTRACT_REAL ||
                                      c->column->type == CONTRACT_TEXT))
        return WRONG(r, at, e, "on_bad: clamp needs a number with min and max");
    double low, high;
    bool turned = c->low && c->high &&
                  (c->type >= CONTRACT_DAY ? strcmp(c->low, c->high) > 0
                   : slice_double(slice_of(c->low), &low) &&
                         slice_double(slice_of(c->high), &high) && low > high);
    return !turned || WRONG(r, at, e, "min of %s is above its max", c->column->name);
}

static bool read_columns(const reader *r, const yml *at, err *e) {
    terms *t = r->out;
    if (at->kind != YML_MAP) return WRONG(r, at, e, "columns are like price: {min: 0}");
    t->columns = take(&r->owner->keep, terms_column, at->n);
    for (const yml *one = at->first; one; one = one->next) {
        terms_column *c = &t->columns[t->n++];
        *c = (terms_column){.column = column_of(r, one, one->key, t->source, e), .line = one->line};
        if (!c->column) return false;
        if (one->kind != YML_MAP) return WRONG(r, one, e, "a column's terms are like {min: 0}");
        c->type = c->column->type;
        const yml *type = yml_get(one, "type");
        if (type && !read_type(r, type, c, e)) return false;
        for (const yml *term = one->first; term; term = term->next)
            if (!read_term(r, term, c, e)) return false;
        if (!check_column(r, one, c, e)) return false;
    }
    return true;
}

/* ---- the source as a whole ---- */

static bool read_key(const reader *r, const yml *at, err *e) {
    terms *t = r->out;
    if (at->kind != YML_LIST || at->n == 0 || at->n > 8)
        return WRONG(r, at, e, "key is a list of 1 to 8 columns");
    for (const yml *one = at->first; one; one = one->next) {
        if (one->kind != YML_TEXT) return WRONG(r, one, e, "a column is wanted here");
        const contract_column *c = column_of(r, one, one->text, t->source, e);
        if (!c) return false;
        t->key[t->n_key++] = c;
    }
    return true;
}

/* A mapping of one or two numbers, or of a column and two numbers. */
static bool read_group(const reader *r, const yml *at, const char *const *keys, int n, err *e) {
    terms *t = r->out;
    int64_t days;
    if (at->kind != YML_MAP) return WRONG(r, at, e, "%s is like {%s: …}", at->key, keys[0]);
    for (const yml *one = at->first; one; one = one->next) {
        const char *what = arena_text(&r->owner->keep, "key of %s", at->key);
        int i = yml_one_of(r->out->path, one->line, one->key, keys, n, what, e);
        bool warn = i == 0;
        if (i < 0) return false;
        if (strcmp(at->key, "rows") == 0) {
            if (!read_count(r, one, warn ? &t->least_rows : &t->most_rows, e)) return false;
        } else if (strcmp(at->key, "thresholds") == 0) {
            if (!read_number(r, one, 0, 1, warn ? &t->warn : &t->fail, e)) return false;
        } else if (strcmp(at->key, "drift") == 0) {
            if (!read_number(r, one, 0, 100, warn ? &t->drift_warn : &t->drift_fail, e))
                return false;
        } else if (i == 2) {
            if (one->kind != YML_TEXT) return WRONG(r, one, e, "a column is wanted here");
            t->fresh = column_of(r, one, one->text, t->source, e);
            if (!t->fresh) return false;
        } else {
            if (!read_count(r, one, &days, e)) return false;
            *(warn ? &t->fresh_warn_days : &t->fresh_fail_days) = days > 36500 ? 36500 : (int)days;
        }
    }
    return true;
}

static bool read_top(const reader *r, const yml *at, err *e) {
    static const char *const keys[] = {"columns",   "key",        "rows", "freshness",
                                       "thresholds", "drift", "description"};
    static const char *const bounds[] = {"min", "max"}, *const levels[] = {"warn", "fail"},
                      *const days[] = {"warn_days", "fail_days", "column"};
    switch (yml_one_of(r->out->path, at->line, at->key, WORDS(keys), "key of a contract", e)) {
    case 0: return read_columns(r, at, e);
    case 1: return read_key(r, at, e);
    case 2: return read_group(r, at, WORDS(bounds), e);
    case 3:
        if (!read_group(r, at, WORDS(days), e)) return false;
        return (r->out->fresh && r->out->fresh->type >= CONTRACT_DAY) ||
               WRONG(r, at, e, "freshness needs a column of dates");
    case 4: return read_group(r, at, WORDS(levels), e);
    case 5: return read_group(r, at, WORDS(levels), e);
    case 6: return read_text(r, at, &r->out->description, e);
    default: return false;
    }
}

static bool read_file(scope *owner, const char *path, int source, const terms **out, err *e) {
    terms *t = take(&owner->keep, terms, 1);
    *t = (terms){.path = path, .source = &contract_sources[source], .fail = 2, .drift_warn = 0.2,
                 .drift_fail = 0.3};
    reader r = {owner, t};
    const yml *top = yml_read(owner, path, e);
    if (!top) return false;
    if (top->kind != YML_MAP) return WRONG(&r, top, e, "key: value pairs are wanted here");
    for (const yml *at = top->first; at; at = at->next)
        if (!read_top(&r, at, e)) return false;
    *out = t;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool terms_read(scope *owner, const char *shop, const terms *out[6], err *e) {
    enum { MOST = 64 };
    const char *names[6], *files[MOST];
    int n = 0;
    const char *at_shop = arena_text(&owner->keep, "%s/contracts", shop);
    for (int i = 0; i < 6; i++) names[i] = contract_sources[i].source, out[i] = NULL;
    DIR *dir = opendir(at_shop);
    if (!dir) return true;
    for (struct dirent *at; (at = readdir(dir)) != NULL && n < MOST;) {
        const char *dot = strrchr(at->d_name, '.');
        if (at->d_name[0] != '.' && dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))
            files[n++] = arena_text(&owner->keep, "%s", at->d_name);
    }
    closedir(dir);
    qsort(files, (size_t)n, sizeof files[0], by_name);
    for (int i = 0; i < n; i++) {
        const char *path = arena_text(&owner->keep, "%s/%s", at_shop, files[i]);
        char *word = slice_copy(&owner->keep, (slice){files[i],
                                                      (size_t)(strrchr(files[i], '.') - files[i])});
        int source = yml_one_of(path, 1, word, names, 6, "source, which its file is named for", e);
        if (source < 0) return false;
        if (out[source]) return yml_refuse(path, 1, e, "%s says it already", out[source]->path);
        if (!read_file(owner, path, source, &out[source], e)) return false;
    }
    return true;
}
