/* feed: what a shop should look at first: at most eight cards, chosen by money and sureness. */
#include "pipeline/feed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/order.h"
#include "pipeline/page.h"

double feed_below(double z) { return 0.5 * erfc(-z / sqrt(2)); }

const char *feed_whole(const feed *f, double x) {
    text t = {0};
    page_number_text(&t, round(x) + 0.0); /* no negative zero */
    const char *copy = slice_copy(&f->s->keep, text_slice(&t));
    text_free(&t);
    return copy;
}

const char *feed_change(const feed *f, double factor) {
    return arena_text(&f->s->keep, "%.0f %% %s", 100 * fabs(factor - 1),
                      factor < 1 ? "less" : "more");
}

const char *feed_open(const feed *f, const char *before, slice name) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *to = take(&f->s->keep, char, (int64_t)(strlen(before) + 3 * name.n + 1));
    size_t n = (size_t)snprintf(to, strlen(before) + 1, "%s", before);
    for (size_t i = 0; i < name.n; i++) {
        bool as_is = name.p[i] != 0 && strchr(plain, name.p[i]);
        n += (size_t)snprintf(to + n, 4, as_is ? "%c" : "%%%02X", (unsigned char)name.p[i]);
    }
    return to;
}

void feed_add(feed *f, const feed_card *c) {
    bool sure = isnan(c->sure) || c->sure * 100 >= FEED_LEAST_SURE;
    if (!f->card) f->card = take(&f->s->keep, feed_card, FEED_MOST);
    if (sure && isfinite(c->value) && f->n < FEED_MOST) f->card[f->n++] = *c;
}

/* ---- choosing ---- */

static double weight_of(const feed_card *c) {
    double money = isfinite(c->money) ? fabs(c->money) : 0;
    return isnan(c->sure) ? money : money * c->sure;
}

/* Cards of this page among those chosen; FEED_OF_PAGE when the card itself is. */
static int of_page(const feed_card *const *chosen, int n, const feed_card *c) {
    int same = 0;
    for (int i = 0; i < n; i++) {
        if (chosen[i] == c) return FEED_OF_PAGE;
        same += strcmp(chosen[i]->page, c->page) == 0;
    }
    return same;
}

/* Leaves the first card of each thing; their number. */
static int distinct(const feed_card **cards, int n) {
    int m = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < m && strcmp(cards[k]->thing, cards[i]->thing) != 0) k++;
        if (k == m) cards[m++] = cards[i];
    }
    return m;
}

/* By weight, then by id. */
static void sort(const feed_card **cards, int n) {
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0; k--) {
            double a = weight_of(cards[k - 1]), b = weight_of(cards[k]);
            if (a > b || (!(a < b) && strcmp(cards[k - 1]->id, cards[k]->id) <= 0)) break;
            const feed_card *swap = cards[k];
            cards[k] = cards[k - 1];
            cards[k - 1] = swap;
        }
}

int feed_choose(const feed *f, const feed_card **chosen) {
    const feed_card **all = take(&f->s->keep, const feed_card *, f->n);
    int n = 0, m;
    for (int i = 0; i < f->n; i++) all[i] = &f->card[i];
    sort(all, f->n);
    m = distinct(all, f->n);
    for (int most = 1; most <= FEED_OF_PAGE; most += FEED_OF_PAGE - 1)
        for (int i = 0; i < m && n < FEED_SHOWN; i++)
            if (of_page(chosen, n, all[i]) < most) chosen[n++] = all[i];
    sort(chosen, n);
    return n;
}

/* ---- insights.json ---- */

const js_node *feed_tile(folder *f, scope *s, const char *file) {
    slice bytes;
    err ignored = {0};
    const char *path = folder_path(f, file);
    if (!file_exists(path) || !file_read(path, s, (size_t)256 << 20, &bytes, &ignored)) return NULL;
    const js_node *root = js_parse(s, bytes, &ignored);
    return js_get(root, "skipped") && js_text(js_get(root, "skipped"), &bytes) ? NULL : root;
}

static void put_card(js *j, const feed_card *c) {
    js_object(j, NULL);
    js_put_word(j, "id", c->id);
    js_put_word(j, "page", c->page);
    js_put_word(j, "open", c->open);
    js_put_word(j, "sentence", c->sentence);
    js_put_real(j, "money", c->money);
    js_put_word(j, "money_of", c->money_of);
    js_put_real(j, "confidence", c->sure);
    js_put_word(j, "confidence_of", c->sure_of);
    js_object(j, "evidence");
    js_put_word(j, "call", c->call);
    js_put_word(j, "at", c->at);
    js_put_real(j, "value", c->value);
    js_end(j);
    tile_put_chart(j, &c->chart);
    js_end(j);
}

static const char *const definitions[][2] = {
    {"money", "Money at stake: what the sentence is about in revenue, brought to four weeks where "
              "it is a rate; of alerts, what they say will be lost. Null where money cannot be "
              "told."},
    {"confidence", "Probability that the sentence's direction is right, as the model behind it "
                   "has it; null where the number is counted and not estimated. Under 0.8 no card "
                   "is made."},
    {"evidence", "The call of the API and the place in its answer (a JSON pointer) that give the "
                 "card's number again."},
    {"chosen", "The best card of every page by money times confidence, then the next, at most "
               "three of a page, one of a thing and eight in all."},
};

bool feed_write(work *w, folder *f, scope *s, err *e) {
    feed_tiles t = {.trends = feed_tile(f, s, "trends.json"),
                    .prices = feed_tile(f, s, "prices.json"),
                    .alerts = feed_tile(f, s, "alerts.json"),
                    .funnel = feed_tile(f, s, "funnel.json"),
                    .segments = feed_tile(f, s, "segments.json"),
                    .reviews = feed_tile(f, s, "reviews.json"),
                    .baskets = feed_tile(f, s, "baskets.json")};
    feed all = {.s = s};
    const feed_card *chosen[FEED_SHOWN];
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    feed_sales(&all, &t);
    feed_stock(&all, &t);
    feed_people(&all, &t);
    feed_words(&all, &t);
    int n = feed_choose(&all, chosen);
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.insights/1");
    js_put_word(j, "as_of", day_text(&s->keep, w->days.end));
    js_object(j, "definitions");
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        js_put_word(j, definitions[i][0], definitions[i][1]);
    js_end(j);
    js_put_int(j, "candidates", all.n);
    js_array(j, "cards");
    for (int i = 0; i < n; i++) put_card(j, chosen[i]);
    js_end(j);
    js_end(j);
    return folder_write(f, "insights.json", text_slice(&j->out), e);
}
