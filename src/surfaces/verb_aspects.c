/* verb_aspects: what the texts of a table say of fit, size, fabric …: one row a mention. */
#include <stdio.h>
#include <string.h>

#include "models/interval.h"
#include "pipeline/language_aspects.h"
#include "pipeline/vectors.h"
#include "surfaces/verbs.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, true, "review_text|review|review_body|body|content|sentence|comment"},
    {"category", CONTRACT_TEXT, false, "class_name|department|department_name|product_type"},
};
static const contract table_contract = {"texts", 2, table_columns};

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"text", OPTION_TEXT, "COLUMN", "header of the column with the texts (default: text)"},
    {"category", OPTION_TEXT, "COLUMN", "header of the column with the articles' categories"},
    {"model", OPTION_TEXT, "DIR",
     "head of sentiment that decides names without an opinion (ready = the program's own of "
     "words; none = they stay neutral)", .value = "ready"},
    {"weights", OPTION_TEXT, "DIR",
     "folder of the encoders, for a head that reads vectors (default: as atelier embed)"},
    {0}};

/* The table in memory, as one row of the result a mention. */
typedef struct reading {
    columns c;
    const int64_t *line;
    aspects_texts texts;
    const column *category;
    aspects_found found;
} reading;

/* --text and --category are shorthands of --map. */
static bool column_map(const args *a, scope *s, const char **map, err *e) {
    const char *body = args_text(a, "text"), *category = args_text(a, "category");
    *map = args_text(a, "map");
    if (!body && !category) return true;
    if (*map) return refuse(e, "--map says which column is which, and --text or --category too: "
                               "give one or the other");
    *map = arena_text(&s->keep, "%s%s%s%s%s", body ? "text=" : "", body ? body : "",
                      body && category ? "," : "", category ? "category=" : "",
                      category ? category : "");
    return true;
}

static bool load(const args *a, bench *b, scope *s, reading *r, js *out, err *e) {
    table_count count = {0};
    review_text read;
    const char *map, *path = args_text(a, "in");
    if (!column_map(a, s, &map, e) ||
        !table_read(b->d, path, &table_contract, map, "texts", &count, e))
        return false;
    verb_say_count(&count, path, out);
    if (!db_query(b->d, &s->keep, &r->c, e,
                  "SELECT src_line, text, category FROM texts ORDER BY src_line"))
        return false;
    r->line = columns_i64(&r->c, "src_line");
    review_text_read(columns_text(&r->c, "text"), r->c.rows, b->threads, s, &read);
    r->texts = language_aspects_texts(&read, &s->keep);
    r->category = columns_find(&r->c, "category");
    return true;
}

static bool write_mentions(const args *a, bench *b, scope *s, const reading *r, err *e) {
    static const char *const names[] = {"line", "category", "aspect", "polarity",
                                        "direction", "evidence"};
    static const column_type types[] = {COLUMN_I64,  COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT};
    static const slice signs[] = {{"negative", 8}, {"neutral", 7}, {"positive", 8}};
    columns c = columns_new(&s->keep, 6, names, types, r->found.n);
    c.at[1].valid = take(&s->keep, uint8_t, r->found.n);
    c.at[4].valid = take(&s->keep, uint8_t, r->found.n);
    for (int64_t k = 0; k < r->found.n; k++) {
        const aspects_mention *m = &r->found.at[k];
        c.at[0].i64[k] = r->line[m->text];
        const char *way = language_aspects_way(m);
        c.at[1].valid[k] = column_has(r->category, m->text);
        c.at[4].valid[k] = way[0] != '\0';
        c.at[1].text[k] = column_has(r->category, m->text) ? r->category->text[m->text]
                                                           : SLICE("");
        c.at[2].text[k] = slice_of(aspects_names[m->aspect]);
        c.at[3].text[k] = signs[m->polarity + 1];
        c.at[4].text[k] = slice_of(way);
        c.at[5].text[k] = (slice){r->texts.plain[m->text].p + m->from, (size_t)(m->to - m->from)};
    }
    return db_put(b->d, "mentions", &c, e) && verb_write(a, b, "mentions", e);
}

static void put_counts(const args *a, const reading *r, js *out) {
    int64_t count[ASPECTS][3] = {{0}}, way[ASPECTS_WAYS] = {0};
    for (int64_t k = 0; k < r->found.n; k++) {
        const aspects_mention *m = &r->found.at[k];
        count[m->aspect][m->polarity + 1]++;
        way[m->way] += m->aspect == ASPECT_SIZE;
    }
    js_put_int(out, "texts", r->c.rows);
    js_put_int(out, "empty", r->texts.empty);
    js_put_int(out, "other_language", r->texts.other_language);
    js_put_int(out, "clauses", r->found.clauses);
    js_put_int(out, "mentions", r->found.n);
    js_array(out, "aspects");
    for (int k = 0; k < ASPECTS; k++) {
        int64_t told = count[k][0] + count[k][2];
        interval share = interval_wilson(count[k][2], told);
        js_object(out, NULL);
        js_put_word(out, "aspect", aspects_names[k]);
        js_put_word(out, "title", aspects_titles[k]);
        js_put_int(out, "positive", count[k][2]);
        js_put_int(out, "neutral", count[k][1]);
        js_put_int(out, "negative", count[k][0]);
        js_put_fixed(out, "positive_share", told ? share.value : 0, 4);
        js_put_fixed(out, "low", share.low, 4);
        js_put_fixed(out, "high", share.high, 4);
        js_end(out);
        if (!args_json(a) && args_given(a, "out"))
            fprintf(stderr, "%-21s %7lld mentions, %5.1f %% positive [%.1f, %.1f]\n",
                    aspects_titles[k], (long long)(told + count[k][1]), 100 * share.value,
                    100 * share.low, 100 * share.high);
    }
    js_end(out);
    js_object(out, "size");
    for (int w = ASPECTS_SMALL; w < ASPECTS_WAYS; w++) js_put_int(out, aspects_ways[w], way[w]);
    js_end(out);
}

/* Names without an opinion, by --model. */
static bool decide(const args *a, bench *b, scope *s, reading *r, js *out, err *e) {
    sentiment_file head;
    encoder_file encoder;
    vectors_told told;
    const char *model = args_text(a, "model");
    float *vectors = NULL;
    aspects_open_clauses open = language_aspects_unsure(&r->found, &r->texts, &s->keep);
    js_put_word(out, "model", model);
    js_put_int(out, "without_opinion", open.n);
    if (strcmp(model, "none") == 0) return true;
    if (!(strcmp(model, "ready") == 0 ? sentiment_file_ready(&head, false, s, e)
                                      : sentiment_file_open(&head, model, s, e)))
        return false;
    if (head.model.line.classes != 2)
        return refuse(e, "%s tells %d classes apart; aspects need a model of two, the second of "
                         "which is good", model, head.model.line.classes);
    if (head.encoder.n > 0) {
        vectors_params p = {.threads = b->threads};
        if (!sentiment_file_encoder(&head, args_text(a, "weights"), &encoder, s, e)) return false;
        vectors = vectors_make(&encoder, open.clause, open.n, &p, args_clock, &told, s, e);
        if (!vectors) return false;
    }
    language_aspects_decide(&r->found, &open, &head.model, vectors, b->threads, s);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    reading r;
    timing took = {0};
    double clock = args_clock();
    if (!verb_open(a, s, &b, e) || !load(a, &b, s, &r, out, e)) return false;
    took.read_s = args_lap(&clock);
    const aspects_lexicon *l = aspects_open(&s->keep);
    r.found = aspects_read(l, r.texts.plain, r.texts.n, b.threads, &s->keep, s->scratch);
    if (!decide(a, &b, s, &r, out, e)) return false;
    took.score_s = args_lap(&clock);
    put_counts(a, &r, out);
    if (!write_mentions(a, &b, s, &r, e)) return false;
    took.write_s = args_lap(&clock);
    args_timing(out, &took);
    return true;
}

const verb verb_aspects = {"aspects",
                           "",
                           "table",
                           "What texts say of fit, size, fabric …: good or bad, with the clause.",
                           "atelier aspects --in reviews.csv --text \"Review Text\" --out a.csv",
                           0,
                           0,
                           options,
                           run};
