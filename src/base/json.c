/* json: a streaming writer of our own and a strict reader over the JSON library (jansson). */
#include "base/json.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void js_open(js *j, scope *owner) {
    memset(j, 0, sizeof *j);
    text_open(&j->out, owner);
    j->first = true;
}

static void line_break(js *j) {
    if (!j->indent || j->depth == 0) return;
    text_add_char(&j->out, '\n');
    for (int i = 0; i < j->depth; i++) text_add(&j->out, SLICE("  "));
}

/* Bytes that go into a JSON string as they are. */
static size_t plain_prefix(slice s) {
    size_t i = 0;
    while (i < s.n) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == '"' || c == '\\') break;
        i++;
    }
    return i;
}

static void put_escaped(text *t, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') text_add(t, (slice){(char[]){'\\', (char)c}, 2});
    else if (c == '\n') text_add(t, SLICE("\\n"));
    else if (c == '\t') text_add(t, SLICE("\\t"));
    else if (c == '\r') text_add(t, SLICE("\\r"));
    else text_add(t, (slice){(char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6});
}

static void put_string(text *t, slice s) {
    text_reserve(t, s.n + 2); /* enough for most: the adds below do not move it then */
    text_add_char(t, '"');
    for (;;) {
        size_t n = plain_prefix(s);
        text_add(t, (slice){s.p, n});
        if (n == s.n) break;
        put_escaped(t, (unsigned char)s.p[n]);
        s = (slice){s.p + n + 1, s.n - n - 1};
    }
    text_add_char(t, '"');
}

static void start_item(js *j, const char *key) {
    bool inside = j->depth > 0;
    assert((key != NULL) == (inside && j->close[j->depth - 1] == '}') && "key only in objects");
    if (inside && !j->first) text_add_char(&j->out, ',');
    line_break(j);
    j->first = false;
    if (!key) return;
    put_string(&j->out, slice_of(key));
    text_add_char(&j->out, ':');
    if (j->indent) text_add_char(&j->out, ' ');
}

static void nest(js *j, const char *key, char open, char close) {
    start_item(j, key);
    assert(j->depth < (int)sizeof j->close);
    text_add_char(&j->out, open);
    j->close[j->depth++] = close;
    j->first = true;
}

void js_object(js *j, const char *key) { nest(j, key, '{', '}'); }
void js_array(js *j, const char *key) { nest(j, key, '[', ']'); }

void js_end(js *j) {
    assert(j->depth > 0);
    bool empty = j->first;
    char close = j->close[--j->depth];
    if (!empty && j->indent) {
        text_add_char(&j->out, '\n');
        for (int i = 0; i < j->depth; i++) text_add(&j->out, SLICE("  "));
    }
    text_add_char(&j->out, close);
    j->first = false;
}

void js_put_text(js *j, const char *key, slice value) {
    start_item(j, key);
    size_t good = slice_utf8_prefix(value);
    if (good == value.n) {
        put_string(&j->out, value);
        return;
    }
    text fixed = {0}; /* each bad byte becomes U+FFFD, so the document stays valid */
    while (good < value.n) {
        text_add(&fixed, (slice){value.p, good});
        text_add(&fixed, SLICE("\xEF\xBF\xBD"));
        value = (slice){value.p + good + 1, value.n - good - 1};
        good = slice_utf8_prefix(value);
    }
    text_add(&fixed, value);
    put_string(&j->out, text_slice(&fixed));
    text_free(&fixed);
}

void js_put_word(js *j, const char *key, const char *value) {
    if (value) js_put_text(j, key, slice_of(value));
    else js_put_null(j, key);
}

void js_putf(js *j, const char *key, const char *format, ...) {
    text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    js_put_text(j, key, text_slice(&t));
    text_free(&t);
}

void js_put_int(js *j, const char *key, int64_t value) {
    char digits[24], *end = digits + sizeof digits, *p = end;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    start_item(j, key);
    do *--p = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0) *--p = '-';
    text_add(&j->out, (slice){p, (size_t)(end - p)});
}

void js_put_real(js *j, const char *key, double value) {
    if (!isfinite(value)) {
        js_put_null(j, key);
        return;
    }
    char shortest[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(shortest, sizeof shortest, "%.*g", digits, value);
        if (strtod(shortest, NULL) == value) break;
    }
    start_item(j, key);
    text_add(&j->out, slice_of(shortest));
}

void js_put_fixed(js *j, const char *key, double value, int decimals) {
    if (!isfinite(value)) {
        js_put_null(j, key);
        return;
    }
    start_item(j, key);
    text_addf(&j->out, "%.*f", decimals, value);
}

void js_put_bool(js *j, const char *key, bool value) {
    start_item(j, key);
    text_add(&j->out, slice_of(value ? "true" : "false"));
}

void js_put_null(js *j, const char *key) {
    start_item(j, key);
    text_add(&j->out, SLICE("null"));
}

void js_put_raw(js *j, const char *key, slice already_json) {
    start_item(j, key);
    text_add(&j->out, already_json);
}

const char *js_version(void) { return jansson_version_str(); }

/* ---- reader: a js_node is jansson's json_t under a name of ours ---- */

static void document_close(void *what) { json_decref(what); }

const js_node *js_parse(scope *owner, slice bytes, err *e) {
    json_error_t why;
    json_t *root = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!root) {
        refuse(e, "JSON line %d, column %d: %s", why.line, why.column, why.text);
        fail_cause(e, "bad_data");
        return NULL;
    }
    scope_defer(owner, document_close, root);
    return (const js_node *)root;
}

static const json_t *in(const js_node *n) { return (const json_t *)n; }

const js_node *js_get(const js_node *object, const char *key) {
    return object ? (const js_node *)json_object_get(in(object), key) : NULL;
}

int64_t js_count(const js_node *n) {
    if (!n) return 0;
    return (int64_t)(js_is_array(n) ? json_array_size(in(n)) : json_object_size(in(n)));
}

const js_node *js_at(const js_node *array, int64_t index) {
    return (const js_node *)json_array_get(in(array), (size_t)index);
}

bool js_text(const js_node *n, slice *out) {
    if (!n || !json_is_string(in(n))) return false;
    *out = (slice){json_string_value(in(n)), json_string_length(in(n))};
    return true;
}

bool js_int(const js_node *n, int64_t *out) {
    if (!n || !json_is_integer(in(n))) return false;
    *out = json_integer_value(in(n));
    return true;
}

bool js_real(const js_node *n, double *out) {
    if (!n || !json_is_number(in(n))) return false;
    *out = json_number_value(in(n));
    return true;
}

bool js_bool(const js_node *n, bool *out) {
    if (!n || !json_is_boolean(in(n))) return false;
    *out = json_is_true(in(n));
    return true;
}

slice js_word(const js_node *object, const char *key) {
    slice s;
    return js_text(js_get(object, key), &s) ? s : SLICE("");
}

double js_number(const js_node *object, const char *key) {
    double x;
    return js_real(js_get(object, key), &x) ? x : NAN;
}

bool js_is_object(const js_node *n) { return n && json_typeof(in(n)) == JSON_OBJECT; }
bool js_is_array(const js_node *n) { return n && json_typeof(in(n)) == JSON_ARRAY; }

void js_put_node(js *j, const char *key, const js_node *n) {
    json_t *node = (json_t *)(uintptr_t)n; /* the library's iterators take no const */
    slice words;
    if (js_is_object(n)) {
        const char *name;
        json_t *value;
        js_object(j, key);
        json_object_foreach(node, name, value) js_put_node(j, name, (const js_node *)value);
        js_end(j);
    } else if (js_is_array(n)) {
        js_array(j, key);
        for (int64_t i = 0; i < js_count(n); i++) js_put_node(j, NULL, js_at(n, i));
        js_end(j);
    } else if (js_text(n, &words)) {
        js_put_text(j, key, words);
    } else if (n && json_is_integer(node)) {
        js_put_int(j, key, json_integer_value(node));
    } else if (n && json_is_real(node)) {
        js_put_real(j, key, json_real_value(node));
    } else if (n && json_is_boolean(node)) {
        js_put_bool(j, key, json_is_true(node));
    } else {
        js_put_null(j, key);
    }
}

const char *js_key(const js_node *object, int64_t index) {
    json_t *o = (json_t *)(uintptr_t)object;
    void *at = json_object_iter(o);
    for (; at && index > 0; index--) at = json_object_iter_next(o, at);
    return at ? json_object_iter_key(at) : NULL;
}
