/* language_toxicity: toxicity of the shop's reviews: what is looked at first, and false alarms. */
#include "pipeline/language_toxicity.h"

#include <string.h>

#include "base/order.h"
#include "models/interval.h"
#include "models/language/masked.h"
#include "models/language/tongue.h"

enum { QUEUE = 200, SHORT = 400 };

static const char *const reasons[REVIEW_REASONS] = {NULL, "empty", "no word", "other language"};

/* English all the same: with letters of other alphabets that look Latin, or with signs for them. */
static bool is_disguised(slice from, arena scratch) {
    if (from.n > TFIDF_TEXT_LIMIT) from.n = TFIDF_TEXT_LIMIT;
    char *out = take_raw(&scratch, char, masked_room(from.n));
    return tongue_of((slice){out, masked_text(from, out)}, NULL) == TONGUE_ENGLISH;
}

/* The head knows English alone, whatever the shop's language is. */
static toxicity_found found_of(const review_text *t, arena *keep, arena scratch) {
    toxicity_found f = {.n = t->n, .plain = t->plain};
    f.note = take(keep, const char *, t->n);
    f.probability = take(keep, double, t->n);
    f.level = take(keep, uint8_t, t->n);
    f.why = take(keep, slice, t->n * TOXICITY_WHY);
    for (int64_t i = 0; i < t->n; i++) {
        bool foreign = t->language[i] && strcmp(t->language[i], tongue_names[TONGUE_EN]) != 0 &&
                       !is_disguised(t->plain[i], scratch);
        bool wordless = t->unread[i] == REVIEW_EMPTY || t->unread[i] == REVIEW_SIGNS;
        f.note[i] = wordless ? reasons[t->unread[i]] : foreign ? reasons[REVIEW_FOREIGN] : NULL;
        f.unread += f.note[i] != NULL;
    }
    return f;
}

toxicity_found language_toxicity_plain(const slice *texts, int64_t n, pool *threads, scope *s) {
    review_text t;
    review_text_read(texts, n, threads, s, &t);
    return found_of(&t, &s->keep, s->scratch);
}

void language_toxicity_score(const toxicity_file *head, const float *vectors, toxicity_found *f,
                             pool *threads, scope *s) {
    const toxicity_model *m = toxicity_file_pick(head, vectors != NULL);
    double *p = toxicity_score(m, f->plain, vectors, f->n, threads, &s->keep, s->scratch);
    for (int64_t i = 0; i < f->n; i++) {
        if (f->note[i]) continue;
        f->probability[i] = p[i];
        f->level[i] = (uint8_t)toxicity_level_of(m, p[i]);
        f->count[f->level[i]]++;
        if (f->level[i] != TOXICITY_NONE)
            toxicity_why(m, f->plain[i], f->why + i * TOXICITY_WHY, s->scratch);
    }
}

slice language_toxicity_words(const toxicity_found *f, int64_t i, arena *keep) {
    const char *all = "";
    const slice *word = f->why + i * TOXICITY_WHY;
    for (int k = 0; k < TOXICITY_WHY && word[k].p; k++)
        all = arena_text(keep, "%s%s%.*s", all, k ? ", " : "", (int)word[k].n, word[k].p);
    return slice_of(all);
}

void language_toxicity_counts(const toxicity_model *m, const toxicity_found *f, js *out) {
    interval alarms = interval_wilson(m->held.clean_review, m->held.clean);
    js_object(out, "thresholds");
    js_put_fixed(out, "review", m->review, 4);
    js_put_fixed(out, "block", m->block, 4);
    js_end(out);
    js_put_int(out, "reviews", f->n);
    js_put_int(out, "unread", f->unread);
    js_put_int(out, "to_review", f->count[TOXICITY_REVIEW]);
    js_put_int(out, "to_block", f->count[TOXICITY_BLOCK]);
    if (m->held.clean == 0) { /* a head of one's own, without a table of clean texts to judge by */
        js_put_null(out, "false_alarms_per_10000");
        return;
    }
    js_object(out, "false_alarms_per_10000");
    js_put_fixed(out, "value", 1e4 * alarms.value, 2);
    js_put_fixed(out, "low", 1e4 * alarms.low, 2);
    js_put_fixed(out, "high", 1e4 * alarms.high, 2);
    js_putf(out, "on", "%lld clean texts that the head had not seen when it was made",
            (long long)m->held.clean);
    js_end(out);
}

/* ---- step 09 ---- */

static slice shortened(slice from) {
    if (from.n <= SHORT) return from;
    from.n = SHORT;
    from.n = slice_utf8_prefix(from);
    return from;
}

static void put_queue(js *out, const language_data *d, const toxicity_found *f,
                      const slice *article, scope *s) {
    int32_t *order = order_count(f->n, &s->keep);
    order_down(order, f->n, f->probability, s->scratch);
    js_array(out, "queue");
    for (int64_t k = 0, put = 0; k < f->n && put < QUEUE; k++) {
        int32_t i = order[k];
        if (f->level[i] == TOXICITY_NONE) continue;
        put++;
        js_object(out, NULL);
        js_put_int(out, "review", d->review[i]);
        if (article[i].n > 0) js_put_text(out, "article", article[i]);
        else js_put_null(out, "article");
        js_put_word(out, "day", d->day[i] == INT32_MIN ? NULL : day_text(&s->keep, d->day[i]));
        js_put_fixed(out, "probability", f->probability[i], 4);
        js_put_word(out, "level", toxicity_level_names[f->level[i]]);
        js_put_text(out, "text", shortened(f->plain[i]));
        js_array(out, "words");
        for (int w = 0; w < TOXICITY_WHY && f->why[i * TOXICITY_WHY + w].p; w++)
            js_put_text(out, NULL, f->why[i * TOXICITY_WHY + w]);
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

static bool put_table(work *w, folder *to, const language_data *d, const toxicity_found *f,
                      scope *s, err *e) {
    static const char *const names[] = {"review", "probability", "level"};
    static const column_type types[] = {COLUMN_I64, COLUMN_REAL, COLUMN_TEXT};
    int64_t n = 0;
    columns c = columns_new(&s->keep, 3, names, types, f->n - f->unread);
    for (int64_t i = 0; i < f->n; i++) {
        if (f->note[i]) continue;
        c.at[0].i64[n] = d->review[i];
        c.at[1].real[n] = f->probability[i];
        c.at[2].text[n++] = slice_of(toxicity_level_names[f->level[i]]);
    }
    return db_put(w->d, "review_toxicity", &c, e) &&
           db_write_parquet(w->d, "review_toxicity", folder_path(to, "review_toxicity.parquet"), e);
}

/* Names of the reviews' articles, empty where there is none. */
static bool read_articles(work *w, const language_data *d, scope *s, slice **out, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e, "SELECT article, article_id FROM articles"))
        return false;
    const column *number = columns_find(&c, "article"), *id = columns_find(&c, "article_id");
    int32_t most = -1;
    for (int64_t i = 0; i < c.rows; i++) most = number->i32[i] > most ? number->i32[i] : most;
    slice *name = take(&s->keep, slice, (int64_t)most + 1);
    for (int64_t i = 0; i < c.rows; i++)
        if (column_has(id, i)) name[number->i32[i]] = id->text[i];
    *out = take(&s->keep, slice, d->n);
    for (int64_t i = 0; i < d->n; i++)
        if (d->article[i] >= 0 && d->article[i] <= most) (*out)[i] = name[d->article[i]];
    return true;
}

bool language_toxicity_insight(work *w, folder *f, scope *s, const language_data *d,
                               const review_vectors *v, js *report, err *e) {
    toxicity_file head;
    slice *article;
    if (!toxicity_file_ready(&head, s, e) || !read_articles(w, d, s, &article, e)) return false;
    toxicity_found found = found_of(&d->read, &s->keep, s->scratch);
    found.plain = d->texts;
    int64_t with = 0;
    for (int64_t i = 0; i < d->n; i++) with += v->has[i];
    bool same = head.has_vectors && v->encoder && with + found.unread >= d->n &&
                slice_is((slice){v->encoder->hash.hex, 16},
                         slice_copy(&s->keep, head.encoder_hash));
    const toxicity_model *m = toxicity_file_pick(&head, same);
    language_toxicity_score(&head, same ? v->v : NULL, &found, w->threads, s);
    js *out = take(&s->keep, js, 1);
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.toxicity/1");
    js_put_word(out, "head", head.name);
    js_put_word(out, "maker", same ? v->maker : "words");
    js_put_word(out, "note", same ? NULL : "toxicity is read by words alone: not every review has "
                                           "a vector of the encoder that the head was made with");
    language_toxicity_counts(m, &found, out);
    put_queue(out, d, &found, article, s);
    js_end(out);
    text_add_char(&out->out, '\n');
    js_object(report, "toxicity");
    js_put_int(report, "to_review", found.count[TOXICITY_REVIEW]);
    js_put_int(report, "to_block", found.count[TOXICITY_BLOCK]);
    js_end(report);
    return put_table(w, f, d, &found, s, e) &&
           folder_write(f, "toxicity.json", text_slice(&out->out), e);
}
