/* language_data: the shop's reviews as texts with labels, split into train, valid and test. */
#include "pipeline/language_data.h"

#include <string.h>

enum {
    LEAST = 200, /* labelled reviews, below which nothing is learnt */
    EACH = 20,   /* reviews of each class in valid and test */
    MOST = 100000, /* labelled reviews of a part */
    SALT = 1,
    PART = 3,
};

int32_t language_label(bool by_recommended, int32_t rating, int32_t recommended) {
    if (by_recommended) return recommended == 0 || recommended == 1 ? recommended : -1;
    return rating >= 4 ? 1 : rating == 1 || rating == 2 ? 0 : -1;
}

static int32_t value_or(const column *c, int64_t row, int32_t absent) {
    return column_has(c, row) ? c->i32[row] : absent;
}

static slice text_or(const column *c, int64_t row) {
    return column_has(c, row) ? c->text[row] : (slice){"", 0};
}

static slice join(slice title, slice body, arena *keep) {
    if (title.n == 0) return body;
    char *p = take(keep, char, title.n + 1 + body.n);
    memcpy(p, title.p, title.n);
    p[title.n] = '\n';
    memcpy(p + title.n + 1, body.p, body.n);
    return (slice){p, title.n + 1 + body.n};
}

/* Counts labelled reviews of each class by part; true when every part has enough. */
static bool enough(const language_data *d) {
    int64_t count[LANGUAGE_PARTS][2] = {{0}};
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] >= 0 && d->part[i] >= 0) count[d->part[i]][d->label[i]]++;
    for (int p = 0; p < LANGUAGE_PARTS; p++)
        if (count[p][0] < EACH || count[p][1] < EACH) return false;
    return true;
}

static void split_by_time(language_data *d, windows days) {
    for (int64_t i = 0; i < d->n; i++)
        d->part[i] = d->day[i] == INT32_MIN || d->day[i] >= days.end ? -1
                     : d->day[i] < days.valid_from                  ? LANGUAGE_TRAIN
                     : d->day[i] < days.test_from                   ? LANGUAGE_VALID
                                                                    : LANGUAGE_TEST;
}

static void split_by_text(language_data *d) {
    for (int64_t i = 0; i < d->n; i++) {
        double place = sentiment_place(d->words[i], SALT);
        d->part[i] = place < 0.6 ? LANGUAGE_TRAIN : place < 0.8 ? LANGUAGE_VALID : LANGUAGE_TEST;
    }
}

/* Takes texts that an earlier part has out of the later parts. */
static void part_texts(language_data *d, arena scratch) {
    int64_t slots = 1024;
    while (slots < 2 * d->n) slots *= 2;
    int32_t *slot = take(&scratch, int32_t, slots);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < d->n; i++) {
            if (d->part[i] < 0) continue;
            slice one = slice_trim(d->words[i]);
            int64_t s = (int64_t)(slice_hash(one) & (uint64_t)(slots - 1));
            while (slot[s] && slice_compare(slice_trim(d->words[slot[s] - 1]), one) != 0)
                s = (s + 1) & (slots - 1);
            int32_t first = slot[s] - 1; /* the review of the earliest part with this text */
            if (pass == 0 && (first < 0 || d->part[i] < d->part[first])) slot[s] = (int32_t)i + 1;
            if (pass == 1 && d->part[i] > d->part[first]) d->part[i] = -1;
        }
}

/* Takes reviews that are not read out of all parts. */
static void part_unread(language_data *d) {
    for (int64_t i = 0; i < d->n; i++)
        if (d->read.unread[i]) d->part[i] = -1;
}

/* Holds each part to MOST labelled reviews. */
static void part_most(language_data *d) {
    int64_t count[LANGUAGE_PARTS] = {0};
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] >= 0 && d->part[i] >= 0) count[d->part[i]]++;
    for (int64_t i = 0; i < d->n; i++) {
        if (d->label[i] < 0 || d->part[i] < 0 || count[d->part[i]] <= MOST) continue;
        double share = (double)MOST / (double)count[d->part[i]];
        if (sentiment_place(d->words[i], PART) >= share) d->part[i] = -1;
    }
}

static void split(const work *w, language_data *d, arena scratch) {
    int64_t dated = 0;
    for (int64_t i = 0; i < d->n; i++) dated += d->day[i] != INT32_MIN;
    d->by_time = d->n > 0 && dated * 10 >= d->n * 9;
    if (d->by_time) {
        split_by_time(d, w->days);
        part_unread(d);
        part_texts(d, scratch);
        d->by_time = enough(d);
    }
    if (!d->by_time) {
        split_by_text(d);
        part_unread(d);
        part_texts(d, scratch);
    }
    part_most(d);
    d->split = d->by_time ? "by time: train, valid and test are the windows of the run"
               : dated * 10 >= d->n * 9
                   ? "by a hash of the text, 60 : 20 : 20 (the windows hold too few reviews)"
                   : "by a hash of the text, 60 : 20 : 20 (the reviews have no dates)";
    for (int64_t i = 0; i < d->n; i++)
        if (d->label[i] >= 0 && d->part[i] >= 0) d->in_part[d->part[i]]++;
}

bool language_data_read(const work *w, scope *s, language_data *d, err *e) {
    columns c;
    *d = (language_data){0};
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT coalesce(review, -1) AS review, coalesce(article, -1) AS article, day, "
                  "category, CAST(rating AS INTEGER) AS rating, "
                  "CAST(recommended AS INTEGER) AS recommended, title, text "
                  "FROM e_reviews ORDER BY review"))
        return false;
    const column *day = columns_find(&c, "day"), *rating = columns_find(&c, "rating");
    const column *flag = columns_find(&c, "recommended"), *title = columns_find(&c, "title");
    const column *body = columns_find(&c, "text"), *category = columns_find(&c, "category");
    int64_t flags = 0;
    slice *raw = take(&s->keep, slice, c.rows);
    d->n = c.rows;
    d->review = columns_i32(&c, "review");
    d->article = columns_i32(&c, "article");
    d->rating = take(&s->keep, int32_t, d->n);
    d->words = take(&s->keep, slice, d->n);
    d->category = take(&s->keep, slice, d->n);
    d->label = take(&s->keep, int32_t, d->n);
    d->day = take(&s->keep, int32_t, d->n);
    d->part = take(&s->keep, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++) flags += column_has(flag, i);
    d->by_recommended = d->n > 0 && flags * 2 >= d->n;
    d->rule = d->by_recommended ? "recommended 1 is positive, 0 is negative"
                                : "rating 4 and 5 are positive, 1 and 2 negative, 3 is left out";
    for (int64_t i = 0; i < d->n; i++) {
        d->words[i] = review_text_plain(text_or(body, i), &s->keep);
        raw[i] = join(text_or(title, i), text_or(body, i), &s->keep);
    }
    review_text_read(raw, d->n, w->threads, s, &d->read);
    d->texts = d->read.plain;
    for (int64_t i = 0; i < d->n; i++) {
        d->rating[i] = value_or(rating, i, 0);
        d->category[i] = text_or(category, i);
        d->day[i] = value_or(day, i, INT32_MIN);
        d->label[i] = language_label(d->by_recommended, d->rating[i],
                                     value_or(flag, i, -1));
        d->labelled += d->label[i] >= 0;
    }
    split(w, d, s->scratch);
    d->skip = d->n == 0             ? "the shop has no reviews with a text"
              : d->labelled < LEAST ? "the shop has fewer than 200 reviews with a clear rating"
              : !enough(d)          ? "too few reviews are negative (or positive) to learn from"
                                    : NULL;
    return true;
}

sentiment_data language_data_pick(const language_data *d, language_part first, language_part last,
                                  arena *keep, int32_t **rows) {
    int64_t n = 0;
    slice *texts = take(keep, slice, d->n);
    int32_t *label = take(keep, int32_t, d->n), *row = take(keep, int32_t, d->n);
    for (int64_t i = 0; i < d->n; i++) {
        if (d->label[i] < 0 || d->part[i] < (int32_t)first || d->part[i] > (int32_t)last) continue;
        texts[n] = d->texts[i];
        label[n] = d->label[i];
        row[n++] = (int32_t)i;
    }
    if (rows) *rows = row;
    return (sentiment_data){texts, label, n, 2, NULL, 0};
}
