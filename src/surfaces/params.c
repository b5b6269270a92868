/* params: what a route takes from path and query, checked against a table; all mistakes at once. */
#include "surfaces/params.h"

#include <string.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

slice params_decode(arena *keep, slice encoded, bool plus) {
    char *out = take(keep, char, encoded.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < encoded.n; i++) {
        char c = encoded.p[i];
        if (c == '%' && i + 2 < encoded.n && hex_digit(encoded.p[i + 1]) >= 0 &&
            hex_digit(encoded.p[i + 2]) >= 0) {
            c = (char)(hex_digit(encoded.p[i + 1]) * 16 + hex_digit(encoded.p[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[n++] = c;
    }
    return (slice){out, n};
}

slice params_encode(arena *keep, slice t) {
    static const char hex[] = "0123456789ABCDEF";
    static const char plain[] = "-._~";
    char *out = take(keep, char, t.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || (c && strchr(plain, c))) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '%';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 15];
    }
    return (slice){out, n};
}

void params_mistake(js *j, const param_mistake *m) {
    js_object(j, NULL);
    js_put_word(j, "type", m->type);
    js_array(j, "loc");
    js_put_word(j, NULL, m->place);
    if (m->name) js_put_word(j, NULL, m->name);
    if (m->member) {
        js_put_int(j, NULL, m->index);
        if (*m->member) js_put_word(j, NULL, m->member);
    }
    js_end(j);
    js_put_word(j, "msg", m->message);
    if (m->input.p) js_put_text(j, "input", m->input);
    else js_put_null(j, "input");
    if (m->context) js_put_raw(j, "ctx", slice_of(m->context));
    js_end(j);
}

/* "'rising' or 'declining'": how pydantic lists literals. */
static const char *list_words(const char *words, arena *keep) {
    const char *out = "";
    for (const char *p = words, *bar; *p; p = *bar ? bar + 1 : bar) {
        bar = strchrnul(p, '|');
        const char *join = !*out ? "" : *bar ? ", " : " or ";
        out = arena_text(keep, "%s%s'%.*s'", out, join, (int)(bar - p), p);
    }
    return out;
}

static int word_index(const char *words, slice s) {
    int i = 0;
    for (const char *p = words, *bar; *p; p = *bar ? bar + 1 : bar, i++) {
        bar = strchrnul(p, '|');
        if ((size_t)(bar - p) == s.n && memcmp(p, s.p, s.n) == 0) return i;
    }
    return -1;
}

/* Whole numbers and others, within the range. */
static bool check_number(const param *p, param_value *v, param_mistake *m, arena *keep) {
    bool whole = p->kind == PARAM_INT;
    bool read = whole ? slice_int(slice_trim(v->text), &v->number)
                      : slice_double(slice_trim(v->text), &v->real);
    if (read && whole) v->real = (double)v->number;
    if (!read) {
        m->type = whole ? "int_parsing" : "float_parsing";
        m->message = whole
            ? "Input should be a valid integer, unable to parse string as an integer"
            : "Input should be a valid number, unable to parse string as a number";
    } else if (v->real < (double)p->low) {
        m->type = "greater_than_equal";
        m->message = arena_text(keep, "Input should be greater than or equal to %lld",
                                (long long)p->low);
        m->context = arena_text(keep, "{\"ge\":%lld}", (long long)p->low);
    } else if (v->real > (double)p->high) {
        m->type = "less_than_equal";
        m->message = arena_text(keep, "Input should be less than or equal to %lld",
                                (long long)p->high);
        m->context = arena_text(keep, "{\"le\":%lld}", (long long)p->high);
    }
    return m->type == NULL;
}

static bool check_text(const param *p, const param_value *v, param_mistake *m, arena *keep) {
    long long n = (long long)v->text.n;
    if (slice_utf8_prefix(v->text) != v->text.n) {
        m->type = "string_unicode";
        m->message = "Input should be a valid string, unable to parse raw data as a unicode string";
    } else if (n < p->low) {
        m->type = "string_too_short";
        m->message = arena_text(keep, "String should have at least %lld characters",
                                (long long)p->low);
        m->context = arena_text(keep, "{\"min_length\":%lld}", (long long)p->low);
    } else if (n > p->high) {
        m->type = "string_too_long";
        m->message = arena_text(keep, "String should have at most %lld characters",
                                (long long)p->high);
        m->context = arena_text(keep, "{\"max_length\":%lld}", (long long)p->high);
    }
    return m->type == NULL;
}

static bool check_choice(const param *p, param_value *v, param_mistake *m, arena *keep) {
    v->number = word_index(p->words, v->text);
    if (v->number >= 0) return true;
    const char *listed = list_words(p->words, keep);
    m->type = "literal_error";
    m->message = arena_text(keep, "Input should be %s", listed);
    m->context = arena_text(keep, "{\"expected\":\"%s\"}", listed);
    return false;
}

static bool check_value(const param *p, param_value *v, param_mistake *m, arena *keep) {
    switch (p->kind) {
    case PARAM_INT:
    case PARAM_REAL: return check_number(p, v, m, keep);
    case PARAM_CATEGORY:
    case PARAM_TEXT: return check_text(p, v, m, keep);
    case PARAM_CHOICE: return check_choice(p, v, m, keep);
    case PARAM_EVENTS:
    case PARAM_TEXTS: return true; /* by the view */
    }
    return false;
}

/* Finds the last name=value whose decoded name is `name`. */
static bool find_in_query(slice query, const char *name, arena *keep, slice *out) {
    bool found = false;
    while (query.n > 0) {
        const char *amp = memchr(query.p, '&', query.n);
        slice pair = {query.p, amp ? (size_t)(amp - query.p) : query.n};
        query = (slice){query.p + pair.n, query.n - pair.n};
        if (query.n > 0) query.p++, query.n--;
        const char *equal = memchr(pair.p, '=', pair.n);
        slice key = {pair.p, equal ? (size_t)(equal - pair.p) : pair.n};
        if (memchr(key.p, '%', key.n)) key = params_decode(keep, key, true);
        if (!slice_is(key, name)) continue;
        *out = equal ? (slice){equal + 1, pair.n - (size_t)(equal + 1 - pair.p)} : SLICE("");
        found = true;
    }
    if (found) *out = params_decode(keep, *out, true);
    return found;
}

/* A member of the body as the text that a query would hold. */
static bool find_in_body(const js_node *body, const char *name, arena *keep, param_value *v) {
    int64_t whole;
    double real;
    bool yes;
    v->node = js_get(body, name);
    if (js_text(v->node, &v->text)) return true;
    if (js_bool(v->node, &yes)) v->text = yes ? SLICE("1") : SLICE("0");
    else if (js_int(v->node, &whole))
        v->text = slice_of(arena_text(keep, "%lld", (long long)whole));
    else if (js_real(v->node, &real)) v->text = slice_of(arena_text(keep, "%.17g", real));
    else if (js_is_object(v->node)) v->text = SLICE("{}");
    else if (js_is_array(v->node)) v->text = SLICE("[]");
    else v->node = NULL; /* null is not given */
    return v->node != NULL;
}

/* Fills in what the request says, or the default. */
static void find_value(const param *p, const param_sources *from, slice part, arena *keep,
                       param_value *v) {
    *v = (param_value){.number = p->kind == PARAM_CHOICE ? -1 : 0};
    if (p->place == PARAM_PATH || p->place == PARAM_REST) {
        v->text = params_decode(keep, part, false);
        v->given = true;
        return;
    }
    v->given = p->place == PARAM_BODY ? find_in_body(from->body, p->name, keep, v)
                                      : find_in_query(from->query, p->name, keep, &v->text);
    if (v->given && v->text.n == 0 && (p->kind == PARAM_TEXT || p->kind == PARAM_CATEGORY))
        v->given = false; /* "category=" is what an empty form field sends */
    if (!v->given && p->value) v->text = slice_of(p->value);
}

int params_read(const param *params, const param_sources *from, arena *keep, param_value *values,
                js *mistakes) {
    static const char *const places[] = {"query", "path", "path", "body"};
    int wrong = 0, part = 0;
    for (int i = 0; params && params[i].name; i++) {
        const param *p = &params[i];
        param_value *v = &values[i];
        bool in_path = p->place == PARAM_PATH || p->place == PARAM_REST;
        find_value(p, from, in_path ? from->path[part++] : (slice){0}, keep, v);
        if (!v->given && !p->value) continue;
        param_mistake m = {.place = places[p->place], .name = p->name, .input = v->text};
        if (check_value(p, v, &m, keep)) continue;
        params_mistake(mistakes, &m);
        wrong++;
    }
    return wrong;
}
