/* sentiment_texts: the texts of a table with their labels, as the sentiment verbs read them. */
#include "surfaces/sentiment_texts.h"

#include <stdio.h>
#include <string.h>

#include "models/language/plain.h"
#include "models/language/tongue.h"
#include "pipeline/language_data.h"

enum { CLASSES = 1000 };

const char *const sentiment_readings[SENTIMENT_READINGS] = {"read", "empty", "only signs",
                                                            "other language"};

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, false, "review_text|review|review_body|body|content|sentence|comment"},
    {"title", CONTRACT_TEXT, false, "summary|headline|review_title"},
    {"rating", CONTRACT_INT, false, "stars|star_rating|score|overall", 1, 5},
    {"recommended", CONTRACT_INT, false, "recommended_ind|is_recommended", 0, 1},
    {"label", CONTRACT_TEXT, false, "sentiment|class|target"},
};
static const contract table_contract = {
    "texts", sizeof table_columns / sizeof table_columns[0], table_columns};

/* ---- labels ---- */

static int64_t filled(const column *c, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; c && i < n; i++) count += column_has(c, i);
    return count;
}

static int32_t class_of(const slice *classes, int n, slice name) {
    for (int32_t c = 0; c < n; c++)
        if (slice_compare(classes[c], name) == 0) return c;
    return -1;
}

/* Distinct labels in the order of their bytes, so that "1" and "positive" come last. */
static bool name_classes(const column *label, sentiment_texts *t, arena *keep, err *e) {
    slice *names = take(keep, slice, CLASSES);
    int count = 0;
    for (int64_t i = 0; i < t->n; i++) {
        if (!column_has(label, i)) continue;
        int at = 0;
        while (at < count && slice_compare(names[at], label->text[i]) < 0) at++;
        if (at < count && slice_compare(names[at], label->text[i]) == 0) continue;
        if (count == CLASSES)
            return refuse(e, "column label: more than 1000 different labels");
        memmove(names + at + 1, names + at, (size_t)(count - at) * sizeof *names);
        names[at] = label->text[i];
        count++;
    }
    if (count < 2) return refuse(e, "column label: needs two different labels, found %d", count);
    t->classes = names;
    t->n_classes = count;
    return true;
}

/* True when the labels are the numbers 1 to 5 and more than two of them. */
static bool are_ratings(const sentiment_texts *t) {
    for (int c = 0; c < t->n_classes; c++)
        if (t->classes[c].n != 1 || t->classes[c].p[0] < '1' || t->classes[c].p[0] > '5')
            return false;
    return t->n_classes > 2;
}

/* The class of a rating, -1 = left out. */
static int32_t of_rating(int64_t rating, bool three) {
    int32_t two = language_label(false, (int32_t)rating, -1);
    return !three ? two : rating == 3 ? 1 : two == 1 ? 2 : two;
}

static void set_ratings(sentiment_texts *t, const int64_t *rating, bool three) {
    static const slice two_names[] = {{"negative", 8}, {"positive", 8}};
    static const slice three_names[] = {{"negative", 8}, {"neutral", 7}, {"positive", 8}};
    t->classes = three ? three_names : two_names;
    t->n_classes = three ? 3 : 2;
    for (int64_t i = 0; i < t->n; i++)
        t->label[i] = rating[i] < 0 ? -1 : of_rating(rating[i], three);
}

/* Moves the class called `positive` to the end. */
static bool set_positive(sentiment_texts *t, const char *positive, arena *keep, err *e) {
    if (!positive) return true;
    int32_t at = class_of(t->classes, t->n_classes, slice_of(positive));
    if (t->n_classes != 2 || at < 0)
        return refuse(e, "--positive %s: the labels are %d classes, the first %.*s", positive,
                      t->n_classes, (int)t->classes[0].n, t->classes[0].p);
    slice *names = take(keep, slice, 2);
    names[0] = t->classes[1 - at];
    names[1] = t->classes[at];
    t->classes = names;
    return true;
}

static bool set_named(const column *c, const sentiment_asked *ask, sentiment_texts *t, scope *s,
                      err *e) {
    if (!name_classes(c, t, &s->keep, e)) return false;
    if (are_ratings(t) && strcmp(ask->classes, "all") != 0) {
        int64_t *rating = take(&s->keep, int64_t, t->n);
        for (int64_t i = 0; i < t->n; i++)
            rating[i] = column_has(c, i) ? c->text[i].p[0] - '0' : -1;
        set_ratings(t, rating, strcmp(ask->classes, "3") == 0);
        return set_positive(t, ask->positive, &s->keep, e);
    }
    if (!set_positive(t, ask->positive, &s->keep, e)) return false;
    for (int64_t i = 0; i < t->n; i++)
        if (column_has(c, i)) t->label[i] = class_of(t->classes, t->n_classes, c->text[i]);
    return true;
}

/* Which column says what the texts mean: label, else recommended, else rating; NULL when none. */
static const char *choose_target(const columns *c, const char *asked) {
    static const char *const order[] = {"label", "recommended", "rating"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(asked, "auto") != 0 && strcmp(asked, order[i]) != 0) continue;
        if (filled(columns_find(c, order[i]), c->rows) > 0) return order[i];
    }
    return NULL;
}

static bool set_labels(const columns *c, const sentiment_asked *ask, sentiment_texts *t, scope *s,
                       err *e) {
    const column *of = columns_find(c, t->target);
    if (strcmp(t->target, "label") == 0) return set_named(of, ask, t, s, e);
    bool flag = strcmp(t->target, "recommended") == 0;
    int64_t *value = take(&s->keep, int64_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        value[i] = column_has(of, i) ? of->i64[i] : -1;
        if (flag && value[i] >= 0) value[i] = value[i] ? 5 : 1;
    }
    set_ratings(t, value, !flag && strcmp(ask->classes, "3") == 0);
    return true;
}

/* ---- texts ---- */

static sentiment_reading reading_of(slice from, arena scratch) {
    if (slice_trim(from).n == 0) return SENTIMENT_EMPTY;
    size_t most = from.n < TFIDF_TEXT_LIMIT ? from.n : TFIDF_TEXT_LIMIT;
    char *out = take_raw(&scratch, char, most + 1);
    size_t words = tfidf_words(from, 1, out);
    if (tongue_of(from, NULL) == TONGUE_OTHER) return SENTIMENT_FOREIGN;
    return words == 0 ? SENTIMENT_SIGNS : SENTIMENT_READ;
}

static slice plain_or_empty(const column *c, int64_t i, arena *keep) {
    if (!column_has(c, i)) return SLICE("");
    char *out = take_raw(keep, char, c->text[i].n);
    return (slice){out, plain_text(c->text[i], out)};
}

static void set_texts(const columns *c, sentiment_texts *t, scope *s) {
    const column *body = columns_find(c, "text"), *title = columns_find(c, "title");
    t->text = take(&s->keep, slice, t->n);
    t->alone = take(&s->keep, slice, t->n);
    t->reading = take(&s->keep, uint8_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        slice head = plain_or_empty(title, i, &s->keep);
        t->alone[i] = t->text[i] = plain_or_empty(body, i, &s->keep);
        if (head.n > 0)
            t->text[i] = slice_of(arena_text(&s->keep, "%.*s\n%.*s", (int)head.n, head.p,
                                             (int)t->alone[i].n, t->alone[i].p));
        t->reading[i] = (uint8_t)reading_of(t->text[i], s->scratch);
        t->count[t->reading[i]]++;
    }
}

bool sentiment_texts_english(const sentiment_texts *t) {
    return t->count[SENTIMENT_FOREIGN] <= t->count[SENTIMENT_READ];
}

void sentiment_texts_settle(sentiment_texts *t, bool english, js *out) {
    for (int64_t i = 0; !english && i < t->n; i++)
        if (t->reading[i] == SENTIMENT_FOREIGN) t->reading[i] = SENTIMENT_READ;
    if (!english) {
        t->count[SENTIMENT_READ] += t->count[SENTIMENT_FOREIGN];
        t->count[SENTIMENT_FOREIGN] = 0;
    }
    js_object(out, "texts");
    js_put_int(out, "read", t->count[SENTIMENT_READ]);
    js_put_int(out, "empty", t->count[SENTIMENT_EMPTY]);
    js_put_int(out, "signs", t->count[SENTIMENT_SIGNS]);
    js_put_int(out, "other_language", t->count[SENTIMENT_FOREIGN]);
    js_end(out);
    for (int r = 1; r < SENTIMENT_READINGS; r++)
        if (t->count[r] > 0)
            fprintf(stderr, "%lld texts are not read: %s\n", (long long)t->count[r],
                    sentiment_readings[r]);
}

/* ---- the table ---- */

/* What the options say of the columns, as a map of the contract; NULL = all by their headers. */
static const char *map_of(const sentiment_asked *ask, arena *keep) {
    if (!ask->text && !ask->title && !ask->label) return ask->map;
    const char *map = "";
    const struct {
        const char *column, *header;
        bool left_out;
    } parts[] = {{"text", ask->text, false},
                 {"title", ask->title, ask->text != NULL},
                 {"label", ask->label, false},
                 {"recommended", NULL, ask->label != NULL},
                 {"rating", NULL, ask->label != NULL}};
    for (int i = 0; i < 5; i++)
        if (parts[i].header || parts[i].left_out)
            map = arena_text(keep, "%s%s%s=%s", map, *map ? "," : "", parts[i].column,
                             parts[i].header ? parts[i].header : "");
    return map;
}

static bool load(const sentiment_asked *ask, bench *b, scope *s, js *out, err *e) {
    const char *map = map_of(ask, &s->keep);
    if (ask->map && map != ask->map)
        return refuse(e, "--map and --text, --title or --label both say which column is which: "
                         "give one");
    table_loaded loaded;
    table_load in = {.path = ask->in, .c = &table_contract, .table = "texts", .map = map};
    return verb_read_texts(b, in, &loaded, s, out, e);
}

bool sentiment_texts_read(const sentiment_asked *ask, bench *b, scope *s, sentiment_texts *t,
                          js *out, err *e) {
    columns c;
    if (!load(ask, b, s, out, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, text, title, rating, recommended, label FROM texts "
                  "ORDER BY src_line"))
        return false;
    *t = (sentiment_texts){.n = c.rows, .line = columns_i64(&c, "src_line")};
    set_texts(&c, t, s);
    t->label = take(&s->keep, int32_t, t->n);
    for (int64_t i = 0; i < t->n; i++) t->label[i] = -1;
    t->target = choose_target(&c, ask->target);
    return !t->target || set_labels(&c, ask, t, s, e);
}

sentiment_data sentiment_texts_pick(const sentiment_texts *t, double from, double to, arena *keep,
                                    int32_t **rows) {
    sentiment_data d = {.classes = t->n_classes};
    slice *text_of = take(keep, slice, t->n);
    int32_t *label = take(keep, int32_t, t->n), *row = take(keep, int32_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        double place = sentiment_place(t->alone[i], 0);
        if (t->label[i] < 0 || t->reading[i] != SENTIMENT_READ || place < from || place >= to)
            continue;
        text_of[d.n] = t->text[i];
        label[d.n] = t->label[i];
        row[d.n++] = (int32_t)i;
    }
    d.texts = text_of;
    d.label = label;
    if (rows) *rows = row;
    return d;
}

void sentiment_texts_rename(sentiment_texts *t, const slice *classes, int n) {
    bool known = false;
    for (int c = 0; c < t->n_classes; c++) known |= class_of(classes, n, t->classes[c]) >= 0;
    for (int64_t i = 0; (known || n != 2 || t->n_classes != 2) && i < t->n; i++)
        if (t->label[i] >= 0) t->label[i] = class_of(classes, n, t->classes[t->label[i]]);
    t->classes = classes;
    t->n_classes = n;
}
