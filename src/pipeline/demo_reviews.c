/* demo_reviews: what buyers of the demo shop say, some days after the purchase; reviews.csv. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

/* How often a topic comes up, by category; order of demo_topics. */
static const double topic_weight[DEMO_CATEGORIES][DEMO_TOPICS] = {
    {5, 4, 2, 2, 1, 2, 3, 2}, {6, 3, 2, 2, 1, 2, 2, 3}, {5, 4, 3, 2, 1, 2, 4, 1},
    {5, 3, 1, 2, 1, 2, 1, 5}, {1, 3, 3, 2, 2, 4, 4, 1}, {5, 1, 2, 2, 2, 4, 2, 5},
    {6, 2, 3, 2, 1, 3, 3, 1}, {3, 4, 1, 2, 1, 5, 1, 4}, {2, 5, 2, 2, 1, 2, 2, 6},
    {0, 3, 3, 3, 2, 6, 4, 0},
};

/* Share of good sentences in a review by rating 1…5. */
static const double good_share[6] = {0, .06, .20, .50, .84, .96};

/* Ratings follow what a buyer thinks: the article's quality and one's own mood. */
static int draw_rating(const demo_article *a, rng *r) {
    double thinks = 0.95 + (double)a->quality + 0.95 * rng_normal(r);
    static const double cut[4] = {-1.05, -0.45, 0.10, 0.80};
    int rating = 1;
    while (rating < 5 && thinks > cut[rating - 1]) rating++;
    return rating;
}

static int draw_topic(const demo_article *a, bool good, const bool *used, rng *r) {
    double weight[DEMO_TOPICS], sum = 0;
    for (int t = 0; t < DEMO_TOPICS; t++) {
        weight[t] = used[t] ? 0 : topic_weight[a->category][t];
        if (t == a->flaw) weight[t] *= good ? .3 : 4;
        if (t == a->strength) weight[t] *= good ? 3 : .4;
        sum += weight[t];
    }
    return sum > 0 ? demo_pick(r, weight, DEMO_TOPICS) : -1;
}

static void write_text(demo_world *w, text *to, const demo_article *a, int rating, rng *r) {
    bool used[DEMO_TOPICS] = {false};
    int64_t sentences = 2 + rng_poisson(r, 1.3);
    for (int64_t i = 0; i < sentences && i < 6; i++) {
        int good = rng_uniform(r) < good_share[rating];
        int topic = draw_topic(a, good, used, r);
        if (topic < 0) return;
        used[topic] = true;
        if (to->n > 0) text_add_char(to, ' ');
        demo_sentence(to, a, topic, good, r);
        w->topic_count[topic][good]++;
    }
}

static bool write_review(demo_world *w, int32_t day, const demo_sale *sale, rng *r, err *e) {
    const demo_article *a = &w->articles[sale->article];
    int rating = draw_rating(a, r);
    /* 3 % click the wrong star: the text follows what they meant */
    int clicked = rng_uniform(r) < .03 ? 1 + (int)rng_below(r, 5) : rating;
    text title = {0}, body = {0};
    write_text(w, &body, a, rating, r);
    if (rng_uniform(r) < .82) demo_title(&title, a, rating, r);
    bool recommends = rng_uniform(r) < .96 ? rating >= 4 : rating < 4;
    demo_file *f = w->files[DEMO_REVIEWS];
    demo_name person = demo_customer_id(w, sale->person);
    demo_cells c = {.n = 0};
    demo_add_number(&c, f->rows - f->dirty + 1, 9);
    demo_add_article(&c, a);
    demo_add(&c, slice_of(person.text));
    demo_add_day(&c, day);
    demo_add(&c, text_slice(&title));
    demo_add(&c, text_slice(&body));
    demo_add_number(&c, clicked, 1);
    demo_add_number(&c, recommends, 1);
    demo_add_number(&c, rng_poisson(r, 1.2), 1);
    demo_add_number(&c, w->people[sale->person].age, 1);
    bool done = demo_row(f, &c, e);
    text_free(&title);
    text_free(&body);
    return done;
}

bool demo_write_reviews(demo_world *w, int week, const demo_sale *sales, int64_t n, err *e) {
    rng r = demo_rng(w, "reviews", (uint64_t)week);
    for (int64_t i = 0; i < n; i++) {
        if (rng_uniform(&r) >= w->p.size->review_share) continue;
        int32_t day = DEMO_FIRST + week * 7 + sales[i].day + 3 + (int32_t)rng_below(&r, 19);
        if (day >= DEMO_FIRST + DEMO_DAYS) continue; /* not written yet when the files were made */
        if (!write_review(w, day, &sales[i], &r, e)) return false;
    }
    return true;
}
