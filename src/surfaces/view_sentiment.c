/* view_sentiment: a text that somebody sends, read as reviews are: opinion, aspects, toxicity. */
#include <string.h>

#include "models/language/aspects.h"
#include "models/language/plain.h"
#include "models/language/tongue.h"
#include "surfaces/reader.h"
#include "surfaces/view.h"

enum { TEXT, TEXTS, MOST = 32, BYTES = 8192 };

typedef struct reading {
    int64_t n;
    slice *plain;           /* [n] without HTML */
    tongue *tongue;         /* [n] */
    const char **language;  /* [n] or NULL */
    const sentiment_file *head; /* NULL = none */
    const double *probability;  /* [n, classes] */
    aspects_found aspects;
    const toxicity_model *toxic; /* NULL = none */
    const double *toxicity;      /* [n] */
} reading;

static int mistake(view *v, const char *name, const char *type, const char *message) {
    return view_mistake(v, &(param_mistake){type, "body", name, message, NULL, {0}});
}

/* The text or texts of the body -> to [MOST]; 0 and *status when they cannot be read. */
static int64_t take_texts(view *v, slice *to, int *status) {
    const js_node *many = v->values[TEXTS].node;
    int64_t n = 0;
    size_t bytes = 0;
    if (v->values[TEXT].given == v->values[TEXTS].given)
        return *status = mistake(v, "text", "missing", "Give either text or texts"), 0;
    if (v->values[TEXT].given) {
        to[n++] = v->values[TEXT].text;
    } else if (!js_is_array(many)) {
        return *status = mistake(v, "texts", "list_type", "Input should be a valid list"), 0;
    }
    if (js_count(many) > MOST)
        return *status = mistake(v, "texts", "too_long", "List should have at most 32 items"), 0;
    for (int64_t i = 0; i < js_count(many); i++)
        if (!js_text(js_at(many, i), &to[n++])) {
            *status = mistake(v, "texts", "string_type", "Input should be a valid string");
            return 0;
        }
    for (int64_t i = 0; i < n; i++) bytes += to[i].n;
    if (bytes > BYTES)
        return *status = mistake(v, v->values[TEXT].given ? "text" : "texts", "string_too_long",
                                 "Texts should have at most 8192 bytes in all"), 0;
    if (n == 0) *status = mistake(v, "texts", "too_short", "List should have at least 1 item");
    return n;
}

/* By words, and by vectors where the opinion was read by those of the same encoder: a request pays
 * for one encoder at most. */
static void read_toxicity(view *v, reading *r, const float *vectors, const reader_desk *desk) {
    const toxicity_file *f = reader_toxicity(v->reads);
    if (!f) return;
    bool same = vectors && f->has_vectors &&
                slice_compare(r->head->encoder_hash, f->encoder_hash) == 0 &&
                r->head->model.line.wide == f->vectors.line.wide;
    r->toxic = toxicity_file_pick(f, same);
    r->toxicity = toxicity_score(r->toxic, r->plain, same ? vectors : NULL, r->n, desk->threads,
                                 &desk->memory->keep, desk->memory->scratch);
}

/* Without the encoder that the head reads vectors of, there is no opinion, and e says why. */
static void read_texts(view *v, const slice *texts, reading *r, const reader_desk *desk, err *e) {
    arena *keep = &desk->memory->keep;
    r->plain = take(keep, slice, r->n);
    r->tongue = take(keep, tongue, r->n);
    r->language = take(keep, const char *, r->n);
    for (int64_t i = 0; i < r->n; i++) {
        char *out = take(keep, char, texts[i].n + 1);
        r->plain[i] = (slice){out, plain_text(texts[i], out)};
        r->tongue[i] = tongue_of(r->plain[i], &r->language[i]);
    }
    r->aspects = aspects_read(aspects_open(keep), r->plain, r->n, desk->threads, keep,
                              desk->memory->scratch);
    r->head = v->b->sentiment ? v->b->sentiment : reader_ready_head(v->reads);
    const float *vectors = NULL;
    if (r->head && r->head->model.line.wide > 0) {
        reader_want want = {r->head->encoder, r->head->encoder_hash, r->head};
        vectors = reader_vectors(v->reads, &want, r->plain, r->n, e);
        if (!vectors) r->head = NULL;
    }
    read_toxicity(v, r, vectors, desk);
    if (!r->head) return;
    r->probability = sentiment_score(&r->head->model, r->plain, vectors, r->n, desk->threads, keep,
                                     desk->memory->scratch);
}

/* ---- the answer ---- */

static const char *level_of(const sentiment_file *head, double p) {
    const sentiment_model *m = &head->model;
    if (p > m->band.high) return "positive";
    return p <= m->band.low ? "negative" : "uncertain";
}

static void put_opinion(js *j, const reading *r, int64_t i) {
    int classes = r->head ? r->head->model.line.classes : 0;
    bool read = classes > 1 && !(r->head->english && r->tongue[i] == TONGUE_OTHER) &&
                slice_trim(r->plain[i]).n > 0;
    if (!read) { /* nothing that the head can read */
        js_put_null(j, "probability");
        js_put_null(j, "sentiment");
        js_put_bool(j, "uncertain", true);
        return;
    }
    const double *q = r->probability + i * classes;
    int best = 0;
    for (int c = 1; c < classes; c++)
        if (q[c] > q[best]) best = c;
    const char *said = classes == 2 ? level_of(r->head, q[1]) : NULL;
    view_number(j, "probability", q[classes - 1]); /* of the last class, the positive one */
    if (said) js_put_word(j, "sentiment", said);
    else js_put_text(j, "sentiment", r->head->classes[best]);
    js_put_bool(j, "uncertain", said && strcmp(said, "uncertain") == 0);
}

static void put_aspects(js *j, const reading *r, int64_t i) {
    static const char *const polarities[] = {"negative", "neutral", "positive"};
    js_array(j, "aspects");
    for (int64_t k = 0; k < r->aspects.n; k++) {
        const aspects_mention *m = &r->aspects.at[k];
        if (m->text != i) continue;
        js_object(j, NULL);
        js_put_word(j, "aspect", aspects_names[m->aspect]);
        js_put_word(j, "polarity", polarities[m->polarity + 1]);
        if (m->way != ASPECTS_NO_WAY) js_put_word(j, "direction", aspects_ways[m->way]);
        js_put_text(j, "evidence",
                    (slice){r->plain[i].p + m->from, (size_t)(m->to - m->from)});
        js_end(j);
    }
    js_end(j);
}

/* null for what the head cannot read. */
static void put_toxicity(js *j, const reading *r, int64_t i, arena scratch) {
    slice words[TOXICITY_WHY];
    if (!r->toxic || r->tongue[i] == TONGUE_OTHER || slice_trim(r->plain[i]).n == 0) {
        js_put_null(j, "toxicity");
        return;
    }
    js_object(j, "toxicity");
    js_put_word(j, "level", toxicity_level_names[toxicity_level_of(r->toxic, r->toxicity[i])]);
    view_number(j, "probability", r->toxicity[i]);
    js_array(j, "words");
    int n = toxicity_why(r->toxic, r->plain[i], words, scratch);
    for (int k = 0; k < n; k++) js_put_text(j, NULL, words[k]);
    js_end(j);
    js_end(j);
}

static void put_texts(view *v, const reading *r, arena scratch) {
    js_array(v->j, "texts");
    for (int64_t i = 0; i < r->n; i++) {
        js_object(v->j, NULL);
        put_opinion(v->j, r, i);
        js_put_word(v->j, "language", r->language[i]);
        put_toxicity(v->j, r, i, scratch);
        put_aspects(v->j, r, i);
        js_end(v->j);
    }
    js_end(v->j);
}

int view_sentiment_text(view *v) {
    slice texts[MOST];
    int status = 200;
    err why = {0};
    reading r = {.n = take_texts(v, texts, &status)};
    if (status != 200) return status;
    reader_desk *desk = reader_begin(v->reads);
    read_texts(v, texts, &r, desk, &why);
    view_model(v, "sentiment");
    js_put_word(v->j, "head", !r.head           ? "none"
                              : v->b->sentiment ? "learnt from this shop's reviews"
                                                : "the program's own, learnt from film reviews");
    js_put_word(v->j, "note", why.kind == ERR_NONE ? NULL : why.text);
    put_texts(v, &r, desk->memory->scratch);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    reader_end(v->reads);
    return 200;
}
