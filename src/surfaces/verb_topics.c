/* verb_topics: what texts speak of: learns topics, or finds those of a kept model in new texts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/review_text.h"
#include "pipeline/topic_maker.h"
#include "pipeline/vectors.h"
#include "surfaces/progress.h"
#include "surfaces/verbs.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, false,
     "review_text|review|review_body|body|content|sentence|comment|description"},
    {"rating", CONTRACT_REAL, false,
     "stars|star_rating|score|overall|recommended|recommended_ind|is_recommended"},
};
static const contract table_contract = {"texts", 2, table_columns};

/* The table in memory. */
typedef struct texts {
    int64_t n, empty, other; /* without a letter or digit; in another language: in no topic */
    int64_t *line;
    slice *text; /* [n] p NULL = not read */
    double *aside; /* NULL: nothing is put aside */
    topic_units units;
} texts;

typedef struct maker { /* of vectors */
    encoder_file encoder;
    bool is_encoder;
    vectors_told told;
} maker;

/* --text and --aside as a map, beside --map. */
static bool map_of(const args *a, scope *s, const char **map, err *e) {
    const char *header = args_text(a, "text"), *aside = args_text(a, "aside");
    bool none = aside && strcmp(aside, "none") == 0;
    *map = args_text(a, "map");
    if (*map && (header || aside))
        return refuse(e, "--map says which column is which, and so do --text and --aside: give "
                         "one or the other");
    const char *first = header ? arena_text(&s->keep, "text=%s", header) : NULL;
    const char *second = aside ? arena_text(&s->keep, "rating=%s", none ? "" : aside) : NULL;
    if (first && second) *map = arena_text(&s->keep, "%s,%s", first, second);
    else if (first || second) *map = first ? first : second;
    return true;
}

static bool load(const args *a, bench *b, scope *s, texts *t, js *out, err *e) {
    columns c;
    review_text read;
    const char *map;
    if (!map_of(a, s, &map, e)) return false;
    table_loaded loaded;
    table_load in = {.path = args_text(a, "in"), .c = &table_contract, .table = "texts",
                     .map = map};
    if (!verb_read_texts(b, in, &loaded, s, out, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, text, rating FROM texts ORDER BY src_line"))
        return false;
    const column *body = columns_find(&c, "text"), *rating = columns_find(&c, "rating");
    *t = (texts){.n = c.rows, .line = columns_i64(&c, "src_line")};
    slice *raw = take(&s->keep, slice, t->n);
    t->text = take(&s->keep, slice, t->n);
    if (loaded.match.header_of[1] >= 0) t->aside = take(&s->keep, double, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        if (column_has(body, i)) raw[i] = body->text[i];
        if (t->aside) t->aside[i] = column_has(rating, i) ? rating->real[i] : (double)NAN;
    }
    review_text_read(raw, t->n, b->threads, s, &read);
    for (int64_t i = 0; i < t->n; i++)
        if (read.unread[i] == REVIEW_READ) t->text[i] = read.plain[i];
    t->empty = read.count[REVIEW_EMPTY] + read.count[REVIEW_SIGNS];
    t->other = read.count[REVIEW_FOREIGN];
    return true;
}

/* ---- vectors ---- */

static bool open_encoder(const args *a, const char *word, maker *k, scope *s, err *e) {
    const char *precision = args_text(a, "precision");
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    k->is_encoder = true;
    if (!encoder_file_open(&k->encoder, word, weights, s, e)) return false;
    if (strcmp(precision, "int8") == 0 || (strcmp(precision, "fast") == 0 && encoder_quick()))
        encoder_quicken(&k->encoder.model, &s->keep);
    return true;
}

static const char *cache_of(const args *a, scope *s) {
    const char *given = args_text(a, "cache"), *to = args_text(a, "out");
    if (given) return strcmp(given, "none") == 0 ? NULL : given;
    const char *slash = to ? strrchr(to, '/') : NULL;
    return to ? arena_text(&s->keep, "%.*s.vectors", slash ? (int)(slash - to + 1) : 0, to) : NULL;
}

static float *encode(const args *a, bench *b, maker *k, const slice *unit, int64_t n, scope *s,
                     err *e) {
    progress_view view;
    vectors_params p = {b->threads, cache_of(a, s), progress_open(&view)};
    float *v = vectors_make(&k->encoder, unit, n, &p, args_clock, &k->told, s, e);
    progress_close(&view);
    return v;
}

/* ---- seeds ---- */

/* Lines "name: word word …" of --seeds -> texts of words; names belong to s. */
static bool read_seeds(const char *path, scope *s, topic_units *u, slice **names, err *e) {
    slice all;
    if (!file_read(path, s, 1 << 20, &all, e)) return false;
    u->text = take(&s->keep, slice, 1001);
    *names = take(&s->keep, slice, 1001);
    for (size_t at = 0, line = 1, end; at < all.n; at = end + 1, line++) {
        for (end = at; end < all.n && all.p[end] != '\n';) end++;
        slice one = slice_trim((slice){all.p + at, end - at});
        const char *colon = one.n > 0 ? memchr(one.p, ':', one.n) : NULL;
        if (one.n == 0 || one.p[0] == '#') continue;
        size_t name = colon ? (size_t)(colon - one.p) : 0;
        slice words = colon ? slice_trim((slice){colon + 1, one.n - name - 1}) : one;
        if (words.n == 0 || (colon && name == 0))
            return refuse(e, "%s:%zu: a seed is a line like \"sizing: small tight runs large\"",
                          path, line);
        if (u->n == 1000) return refuse(e, "%s: more than 1000 seeds", path);
        u->text[u->n] = words;
        (*names)[u->n++] = colon ? slice_trim((slice){one.p, name}) : (slice){NULL, 0};
    }
    return u->n > 0 || refuse(e, "%s holds no seed: write lines like \"sizing: small tight\"",
                              path);
}

/* ---- the two ways ---- */

typedef struct job {
    texts t;
    maker k;
    topics_file f;
    topic_study study; /* of a kept model: main, similarity and outlier alone */
    timing took;
} job;

static bool learn(const args *a, bench *b, scope *s, job *j, err *e) {
    texts *t = &j->t;
    maker *k = &j->k;
    topics_file *f = &j->f;
    topic_study *study = &j->study;
    double clock = args_clock();
    const char *seeds = args_text(a, "seeds"), *word = args_text(a, "encoder");
    topics_params p = TOPICS_DEFAULTS;
    topic_units seed = {0};
    slice *names = NULL;
    p.k = (int)args_int(a, "k");
    p.seed = b->seed;
    p.merge = args_real(a, "merge");
    f->by_sentence = strcmp(args_text(a, "unit"), "sentence") == 0;
    t->units = topic_units_of(t->text, t->n, f->by_sentence, &s->keep);
    topic_study_data d = {.texts = t->text, .n = t->n, .units = &t->units, .aside = t->aside};
    if (seeds && !read_seeds(seeds, s, &seed, &names, e)) return false;
    if (t->units.n == 0) return refuse(e, "no text has a word in a language that is read");
    if (strcmp(word, "none") == 0) {
        d.vectors = topic_maker_learn(f, &t->units, b->seed, b->threads, s, e);
        if (!d.vectors) return false;
        d.wide = f->lsa.wide;
        if (seeds) d.seeds = topic_maker_apply(f, &seed, b->threads, s);
    } else {
        if (!open_encoder(a, word, k, s, e)) return false;
        d.wide = k->encoder.model.wide;
        if (seeds && !(d.seeds = encode(a, b, k, seed.text, seed.n, s, e))) return false;
        d.vectors = encode(a, b, k, t->units.text, t->units.n, s, e);
        if (!d.vectors) return false;
        f->encoder = slice_of(word);
        f->hash = slice_of(arena_text(&s->keep, "%s", k->encoder.hash.hex));
    }
    d.n_seeds = (int)seed.n;
    j->took.prepare_s = args_clock() - clock;
    if (!topic_study_fit(study, &d, p, b->threads, &s->keep, s->scratch, e)) return false;
    f->model = study->model;
    topic_name(f, study, &s->keep);
    slice *labels = take_copy(&s->keep, slice, f->labels, f->model.k);
    for (int i = 0; i < f->model.k; i++)
        if (f->model.seed[i] >= 0 && names[f->model.seed[i]].n > 0)
            labels[i] = names[f->model.seed[i]];
    f->labels = labels;
    return true;
}

/* Finds the topics of a kept model in new texts -> main topic and similarity by text. */
static bool use(const args *a, bench *b, scope *s, const char *path, job *j, err *e) {
    texts *t = &j->t;
    maker *k = &j->k;
    topics_file *f = &j->f;
    topic_study *found = &j->study;
    if (!topics_file_open(f, path, s, e)) return false;
    t->units = topic_units_of(t->text, t->n, f->by_sentence, &s->keep);
    const topic_units *u = &t->units;
    const float *v;
    if (f->encoder.n == 0) v = topic_maker_apply(f, u, b->threads, s);
    else {
        const char *word = args_given(a, "encoder") ? args_text(a, "encoder")
                                                    : slice_copy(&s->keep, f->encoder);
        if (!open_encoder(a, word, k, s, e)) return false;
        if (!slice_is(f->hash, k->encoder.hash.hex))
            return refuse(e, "%s was learnt with another encoder than %s: give that one by "
                          "--encoder", path, word);
        v = encode(a, b, k, u->text, u->n, s, e);
        if (!v) return false;
    }
    int32_t *topic = take(&s->keep, int32_t, u->n);
    float *near = take(&s->keep, float, u->n);
    topics_assign(&f->model, v, u->n, b->threads, topic, near, s->scratch);
    found->main = take(&s->keep, int32_t, t->n);
    found->similarity = take(&s->keep, float, t->n);
    found->outlier = take(&s->keep, uint8_t, t->n);
    topic_mains(u, topic, near, f->model.k, t->n, found->main, found->similarity, s->scratch);
    for (int64_t i = 0; i < t->n; i++)
        found->outlier[i] = found->main[i] >= 0 &&
                            (double)found->similarity[i] < f->model.edge[found->main[i]];
    return true;
}

/* ---- results ---- */

/* One row a text: line, topic (empty: in none), label, similarity, outlier. */
static bool write(const args *a, bench *b, scope *s, const texts *t, const topics_file *f,
                  const topic_study *study, err *e) {
    static const char *const names[] = {"line", "topic", "label", "similarity", "outlier"};
    static const column_type types[] = {COLUMN_I64, COLUMN_I32, COLUMN_TEXT, COLUMN_REAL,
                                        COLUMN_I32};
    columns c = columns_new(&s->keep, 5, names, types, t->n);
    uint8_t *valid = take(&s->keep, uint8_t, t->n);
    for (int j = 1; j < 5; j++) c.at[j].valid = valid;
    for (int64_t i = 0; i < t->n; i++) {
        int32_t topic = study->main[i];
        c.at[0].i64[i] = t->line[i];
        c.at[2].text[i] = SLICE("");
        valid[i] = topic >= 0;
        if (topic < 0) continue;
        c.at[1].i32[i] = topic;
        c.at[2].text[i] = f->labels[topic];
        c.at[3].real[i] = round((double)study->similarity[i] * 1e6) / 1e6;
        c.at[4].i32[i] = study->outlier[i];
    }
    return db_put(b->d, "topics", &c, e) && verb_write(a, b, "topics", e);
}

static void put_counts(js *out, const texts *t, const topics_file *f, const topic_study *study) {
    int64_t none = 0, outliers = 0;
    for (int64_t i = 0; i < t->n; i++) {
        none += study->main[i] < 0;
        outliers += study->outlier[i];
    }
    js_put_int(out, "texts", t->n);
    js_put_int(out, "empty", t->empty);
    js_put_int(out, "other_language", t->other);
    js_put_int(out, "in_no_topic", none);
    js_put_int(out, "outliers", outliers);
    js_put_word(out, "unit", f->by_sentence ? "sentence" : "text");
    js_put_int(out, "units", t->units.n);
    if (f->encoder.n > 0) js_put_text(out, "maker", f->encoder);
    else js_put_word(out, "maker", "tf-idf + svd");
    js_put_int(out, "k", f->model.k);
}

static void put_topics(js *out, const texts *t, const topics_file *f, const topic_study *study,
                       arena scratch) {
    js_put_fixed(out, "npmi", study->quality.npmi, 4);
    js_put_fixed(out, "diversity", study->quality.diversity, 4);
    js_array(out, "topics");
    for (int i = 0; i < f->model.k; i++) {
        js_object(out, NULL);
        if (f->model.seed[i] >= 0) js_put_text(out, "seed", f->labels[i]);
        topic_put(out, study, &t->units, i, t->n - t->empty - t->other, t->line,
                  scratch);
        js_end(out);
    }
    js_end(out);
}

static bool write_words(const char *path, const texts *t, const topics_file *f,
                        const topic_study *study, scope *s, err *e) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    j->indent = true;
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.topics/1");
    put_counts(j, t, f, study);
    put_topics(j, t, f, study, s->scratch);
    js_end(j);
    return file_replace(path, text_slice(&j->out), e);
}

static void say(const texts *t, const topics_file *f, const topic_study *study) {
    fprintf(stderr, "%lld texts, %lld %s; %d topics", (long long)t->n, (long long)t->units.n,
            f->by_sentence ? "sentences" : "units", f->model.k);
    if (study->texts)
        fprintf(stderr, ", NPMI %.3f, diversity %.2f", study->quality.npmi,
                study->quality.diversity);
    fprintf(stderr, "\n");
    if (t->other > 0)
        fprintf(stderr, "%lld texts are in another language than the others and in no topic\n",
                (long long)t->other);
    for (int i = 0; study->texts && i < f->model.k; i++)
        fprintf(stderr, "%3d %7lld  %.*s\n", i, (long long)study->texts[i], (int)f->words[i].n,
                f->words[i].p);
}

/* --model as a file: itself when it ends in .atm, else DIR/topics.atm. */
static const char *model_path(const char *given, scope *s) {
    size_t n = strlen(given);
    bool file = n > 4 && strcmp(given + n - 4, ".atm") == 0;
    return file ? given : arena_text(&s->keep, "%s/topics.atm", given);
}

static bool keep_model(const topics_file *f, const char *given, scope *s, err *e) {
    const char *path = model_path(given, s);
    return (path == given || file_make_folders(given, e)) && topics_file_save(f, path, s, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    job *j = take(&s->keep, job, 1);
    double clock = args_clock();
    const char *model = args_text(a, "model"), *words = args_text(a, "words");
    bool known = model && file_exists(model_path(model, s)) && !args_flag(a, "fit");
    if (known && (args_given(a, "k") || args_given(a, "seeds") || words))
        return refuse(e, "%s holds topics already, and --k, --seeds and --words belong to "
                         "learning: add --fit to learn anew, or leave them out", model);
    if (!verb_open(a, s, &b, e) || !load(a, &b, s, &j->t, out, e)) return false;
    j->took.read_s = args_lap(&clock);
    if (!(known ? use(a, &b, s, model_path(model, s), j, e) : learn(a, &b, s, j, e))) return false;
    j->took.fit_s = args_lap(&clock) - j->took.prepare_s;
    if (!known && model && !keep_model(&j->f, model, s, e)) return false;
    put_counts(out, &j->t, &j->f, &j->study);
    if (!known) put_topics(out, &j->t, &j->f, &j->study, s->scratch);
    if (words && !write_words(words, &j->t, &j->f, &j->study, s, e)) return false;
    if (!args_json(a)) say(&j->t, &j->f, &j->study);
    if (!write(a, &b, s, &j->t, &j->f, &j->study, e)) return false;
    j->took.write_s = args_lap(&clock);
    args_timing(out, &j->took);
    return true;
}

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"text", OPTION_TEXT, "COLUMN", "header of the column with the texts (default: text)"},
    {"k", OPTION_INT, "N", "topics (default 0: up to 20, as halves of the texts agree)",
     .value = "0", .low = 0, .high = 1000},
    {"unit", OPTION_CHOICE, "sentence|text", "what is grouped; a text may speak of several topics",
     .value = "text"},
    {"aside", OPTION_TEXT, "COLUMN",
     "number that topics shall not part by (default: rating, or recommended; none = nothing)"},
    {"merge", OPTION_REAL, "COSINE", "topics nearer than this become one (1 = never)",
     .value = "1", .low = 0.1, .high = 1},
    {"seeds", OPTION_TEXT, "FILE", "topics to start from, a line each: name: word word word"},
    {"model", OPTION_TEXT, "DIR", "where learnt topics are kept; used when they are there"},
    {"fit", OPTION_FLAG, NULL, "learn anew although --model is there"},
    {"words", OPTION_TEXT, "FILE.json", "where to write topics with words, shares and quotes"},
    {"encoder", OPTION_TEXT, "NAME",
     "gte-small, minilm, a folder, a file, or none: tf-idf and truncated SVD",
     .value = "gte-small"},
    {"precision", OPTION_CHOICE, "fp32|int8|fast", "as for embed; fast = int8 where it is quick",
     .value = "fast"},
    {"weights", OPTION_TEXT, "DIR", "folder of the known encoders (see embed)"},
    {"cache", OPTION_TEXT, "DIR", "where vectors are kept (default: .vectors beside --out)"},
    {0}};

const verb verb_topics = {
    .name = "topics",
    .words = "",
    .group = "table",
    .title = "What texts speak of: topics with words, quotes and coherence.",
    .example = "atelier topics --in reviews.csv --text \"Review Text\" --k 20 --out topics.csv",
    .options = options,
    .run = run,
};
