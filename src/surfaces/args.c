/* args: the words of a command line against a table of options; the same table prints the help. */
#include "surfaces/args.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST_OPTIONS = 64, MOST_WORDS = 16 };

struct args {
    const verb *v;
    const char *values[MOST_OPTIONS];
    bool given[MOST_OPTIONS];
    const char *words[MOST_WORDS];
    int n_words;
    bool json;
};

static int find(const verb *v, slice name) {
    for (int i = 0; v->options[i].name; i++)
        if (slice_is(name, v->options[i].name)) return i;
    return -1;
}

static int index_of(const args *a, const char *name) {
    int i = find(a->v, slice_of(name));
    assert(i >= 0 && "a verb asks for an option that is not in its table");
    return i;
}

const char *args_text(const args *a, const char *name) { return a->values[index_of(a, name)]; }
bool args_json(const args *a) { return a->json; }
bool args_given(const args *a, const char *name) { return a->given[index_of(a, name)]; }
int args_words(const args *a) { return a->n_words; }
const char *args_word(const args *a, int i) { return i < a->n_words ? a->words[i] : NULL; }

const args *args_with(const args *a, const char *name, const char *value, arena *keep) {
    args *to = take_copy(keep, args, a, 1);
    int i = index_of(a, name);
    to->values[i] = value;
    to->given[i] = true;
    return to;
}

bool args_flag(const args *a, const char *name) {
    if (strcmp(name, "json") == 0) return a->json;
    return a->given[index_of(a, name)];
}

int64_t args_int(const args *a, const char *name) {
    int64_t value = 0;
    const char *said = args_text(a, name);
    if (said) slice_int(slice_of(said), &value);
    return value;
}

double args_real(const args *a, const char *name) {
    double value = 0;
    const char *said = args_text(a, name);
    if (said) slice_double(slice_of(said), &value);
    return value;
}

/* ---- checking ---- */

static bool refuse_range(const option *o, const char *said, err *e) {
    return refuse(e, "--%s must be %g..%g, got %s", o->name, o->low, o->high, said);
}

static bool in_range(const option *o, double value) {
    return (o->low == 0 && o->high == 0) || (value >= o->low && value <= o->high);
}

static bool is_choice(const char *words, slice said) {
    for (const char *at = words; *at;) {
        size_t n = strcspn(at, "|");
        if (n == said.n && memcmp(at, said.p, n) == 0) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

static bool check_value(const option *o, const char *said, err *e) {
    int64_t whole;
    double real;
    switch (o->kind) {
    case OPTION_INT:
        if (!slice_int(slice_of(said), &whole))
            return refuse(e, "--%s wants a whole number, got '%s'", o->name, said);
        return in_range(o, (double)whole) || refuse_range(o, said, e);
    case OPTION_REAL:
        if (!slice_double(slice_of(said), &real))
            return refuse(e, "--%s wants a number, got '%s'", o->name, said);
        return in_range(o, real) || refuse_range(o, said, e);
    case OPTION_CHOICE:
        return is_choice(o->value_name, slice_of(said)) ||
               refuse(e, "--%s must be one of %s, got '%s'", o->name, o->value_name, said);
    default: return true;
    }
}

static bool refuse_unknown(const verb *v, slice name, err *e) {
    const char *names[MOST_OPTIONS + 2];
    int n = 0;
    for (; v->options[n].name; n++) names[n] = v->options[n].name;
    names[n++] = "json";
    names[n++] = "help";
    const char *near = slice_nearest(name, names, n);
    return refuse(e, "atelier %s has no option --%.*s%s%s%s; see atelier %s --help", v->name,
                  (int)name.n, name.p, near ? " (did you mean --" : "", near ? near : "",
                  near ? "?)" : "", v->name);
}

/* One word that begins with "--"; may eat the next one as its value. */
static bool take_option(args *a, char **argv, int argc, int *at, err *e) {
    const char *word = argv[*at] + 2, *equals = strchr(word, '=');
    slice name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    if (slice_is(name, "json") && !equals) return a->json = true;
    int i = find(a->v, name);
    if (i < 0) return refuse_unknown(a->v, name, e);
    const option *o = &a->v->options[i];
    if (a->given[i]) return refuse(e, "--%s is given twice", o->name);
    a->given[i] = true;
    if (o->kind == OPTION_FLAG)
        return !equals || refuse(e, "--%s takes no value", o->name);
    if (!equals && *at + 1 >= argc)
        return refuse(e, "--%s needs a value: --%s %s", o->name, o->name, o->value_name);
    a->values[i] = equals ? equals + 1 : argv[++*at];
    return check_value(o, a->values[i], e);
}

static bool check_words(const args *a, err *e) {
    const verb *v = a->v;
    if (a->n_words < v->least_words)
        return refuse(e, "atelier %s needs %s; for example: %s", v->name, v->words, v->example);
    if (a->n_words > v->most_words)
        return refuse(e, "atelier %s takes no word '%s'; see atelier %s --help", v->name,
                      a->words[v->most_words], v->name);
    for (int i = 0; v->options[i].name; i++)
        if (v->options[i].required && !a->given[i])
            return refuse(e, "atelier %s needs --%s %s; for example: %s", v->name,
                          v->options[i].name, v->options[i].value_name, v->example);
    return true;
}

args *args_parse(const verb *v, int argc, char **argv, scope *s, err *e) {
    args *a = take(&s->keep, args, 1);
    a->v = v;
    for (int i = 0; v->options[i].name; i++) {
        assert(i < MOST_OPTIONS);
        a->values[i] = v->options[i].value;
    }
    bool only_words = false;
    for (int i = 0; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(a, argv, argc, &i, e)) return NULL;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
            refuse(e, "options are written --name, got '%s'; see atelier %s --help", argv[i],
                   v->name);
            return NULL;
        } else if (a->n_words < MOST_WORDS) {
            a->words[a->n_words++] = argv[i];
        }
    }
    return check_words(a, e) ? a : NULL;
}

/* ---- help ---- */

static void option_line(text *to, const option *o) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value_name ? " " : "",
             o->value_name ? o->value_name : "");
    text_addf(to, "  %-28s ", left);
    if (strlen(left) > 28) text_addf(to, "\n  %-28s ", "");
    text_addf(to, "%s", o->help);
    if (o->value) text_addf(to, " (default %s)", o->value);
    if (o->low != 0 || o->high != 0) text_addf(to, " [%g..%g]", o->low, o->high);
    if (o->required) text_addf(to, " (required)");
    text_add_char(to, '\n');
}

void args_help(const verb *v, text *to) {
    text_addf(to, "%s\n\n  Example:  %s\n\nUsage: atelier %s%s%s [options]\n\n", v->title,
              v->example, v->name, *v->words ? " " : "", v->words);
    for (int i = 0; v->options[i].name; i++) option_line(to, &v->options[i]);
    option_line(to, &(option){"json", OPTION_FLAG, NULL, "one JSON document on stdout", NULL, 0, 0,
                              false});
    option_line(to, &(option){"help", OPTION_FLAG, NULL, "this text", NULL, 0, 0, false});
}

void args_printed(js *out) { out->depth = 0; }

static bool found_wrong;
void args_found_wrong(void) { found_wrong = true; }
bool args_is_wrong(void) { return found_wrong; }

void args_timing(js *out, const timing *t) {
    const struct {
        const char *name;
        double seconds;
        bool always;
    } phases[] = {
        {"read_s", t->read_s, true},           {"prepare_s", t->prepare_s, false},
        {"tune_s", t->tune_s, false},          {"fit_s", t->fit_s, true},
        {"recommend_s", t->recommend_s, false}, {"score_s", t->score_s, false},
        {"write_s", t->write_s, true},
    };
    js_object(out, "timing");
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (phases[i].always || phases[i].seconds > 0)
            js_put_fixed(out, phases[i].name, phases[i].seconds, 6);
    js_end(out);
}

double args_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double args_lap(double *clock) {
    double now = args_clock(), lap = now - *clock;
    *clock = now;
    return lap;
}

bool args_among(const char *words, const char *name) {
    size_t n = strlen(name);
    for (const char *at = strstr(words, name); at; at = strstr(at + 1, name))
        if ((at == words || at[-1] == ' ') && (at[n] == 0 || at[n] == ' ')) return true;
    return false;
}
