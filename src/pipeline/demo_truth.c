/* demo_truth: what was planted in the demo shop: truth.json for programs, README.txt for people. */
#include <math.h>

#include "pipeline/demo_world.h"

static void put_day(js *j, const char *key, int32_t day) {
    int year, month, of_month;
    day_split(day, &year, &month, &of_month);
    js_putf(j, key, "%04d-%02d-%02d", year, month, of_month);
}

static void put_files(js *j, const demo_world *w) {
    js_object(j, "files");
    for (int i = 0; i < 6; i++) {
        const demo_file *f = w->files[i];
        js_object(j, f->name);
        js_put_int(j, "rows", f->rows);
        js_put_int(j, "clean", f->rows - f->dirty);
        js_put_int(j, "dirty", f->dirty);
        js_array(j, "kinds");
        for (int k = 0; k < demo_n_dirts; k++) {
            if (demo_dirts[k].file != i) continue;
            js_object(j, NULL);
            js_put_word(j, "kind", demo_dirts[k].kind);
            js_put_int(j, "rows", f->by_kind[k]);
            js_put_word(j, "verdict", demo_dirts[k].verdict);
            js_end(j);
        }
        js_end(j);
        js_end(j);
    }
    js_end(j);
}

static void put_segments(js *j, const demo_world *w) {
    int64_t count[DEMO_SEGMENTS] = {0};
    for (int32_t i = 0; i < w->n_people; i++) count[w->people[i].segment]++;
    js_array(j, "segments");
    for (int i = 0; i < DEMO_SEGMENTS; i++) {
        const demo_segment *g = &demo_segments[i];
        js_object(j, NULL);
        js_put_word(j, "name", g->name);
        js_put_real(j, "share", g->share);
        js_put_int(j, "customers", count[i]);
        js_put_real(j, "orders_a_week", g->orders * w->p.size->pace);
        js_put_real(j, "lines_an_order", g->items);
        js_put_bool(j, "bargain", g->bargain);
        js_end(j);
    }
    js_end(j);
    if (w->n_people > 10000) return; /* by customer for the small shop only */
    js_object(j, "customers");
    for (int32_t i = 0; i < w->n_people; i++) {
        demo_name id = demo_customer_id(w, i);
        js_object(j, id.text);
        js_put_word(j, "segment", demo_segments[w->people[i].segment].name);
        js_put_int(j, "style", w->people[i].style);
        js_end(j);
    }
    js_end(j);
}

static void put_categories(js *j, const demo_world *w) {
    js_array(j, "categories");
    for (int c = 0; c < DEMO_CATEGORIES; c++) {
        const demo_category *g = &demo_categories[c];
        js_object(j, NULL);
        js_put_word(j, "name", g->name);
        js_put_real(j, "share", g->share);
        js_put_real(j, "elasticity", g->elasticity);
        js_put_fixed(j, "elasticity_in_effect", demo_response(w, c), 4);
        js_put_real(j, "growth_a_week", g->growth);
        js_put_real(j, "drift_a_year", g->drift);
        js_array(j, "season"); /* by week from the first */
        for (int week = 0; week < DEMO_WEEKS; week++)
            js_put_fixed(j, NULL, demo_season(c, week), 4);
        js_end(j);
        js_array(j, "weekday"); /* Monday first */
        for (int day = 0; day < 7; day++)
            js_put_fixed(j, NULL, demo_weekdays[day] * demo_weekday(c, day), 4);
        js_end(j);
        js_end(j);
    }
    js_end(j);
}

static void put_funnel(js *j, const demo_world *w) {
    js_object(j, "funnel");
    js_put_word(j, "unit", "one article in one session");
    js_array(j, "steps");
    for (int i = 0; i < DEMO_STEPS; i++) js_put_word(j, NULL, demo_steps[i]);
    js_end(j);
    put_day(j, "from", DEMO_FIRST + 7 * (DEMO_WEEKS - w->p.size->event_weeks));
    js_array(j, "rates");
    for (int channel = 0; channel < DEMO_CHANNELS; channel++)
        for (int c = 0; c < DEMO_CATEGORIES; c++) {
            js_object(j, NULL);
            js_put_word(j, "channel", demo_channels[channel].name);
            js_put_word(j, "category", demo_categories[c].name);
            js_array(j, "steps");
            for (int i = 0; i < DEMO_STEPS; i++) js_put_fixed(j, NULL, demo_rate(channel, c, i), 4);
            js_end(j);
            js_end(j);
        }
    js_end(j);
    js_end(j);
}

static void put_trends(js *j, const demo_world *w) {
    js_object(j, "trends");
    js_put_int(j, "weeks", DEMO_TREND_WEEKS);
    js_put_real(j, "growth_a_week", DEMO_GROWTH);
    for (int sign = 1; sign >= -1; sign -= 2) {
        js_array(j, sign > 0 ? "rising" : "declining");
        for (int32_t i = 0; i < w->n_articles; i++) {
            if (w->articles[i].planted != sign) continue;
            demo_cells c = {.n = 0};
            demo_add_article(&c, &w->articles[i]);
            js_put_text(j, NULL, c.at[0]);
        }
        js_end(j);
    }
    js_end(j);
}

/* Each article and week in which somebody wanted what was not there any more. */
static void put_stock_outs(js *j, const demo_world *w) {
    js_array(j, "stock_outs");
    for (int k = 0; k < DEMO_SHORT_WEEKS; k++)
        for (int32_t i = 0; i < w->n_articles; i++) {
            int32_t lost = w->lost_of[(int64_t)i * DEMO_SHORT_WEEKS + k];
            demo_cells c = {.n = 0};
            if (lost == 0) continue;
            demo_add_article(&c, &w->articles[i]);
            js_object(j, NULL);
            put_day(j, "from", DEMO_FIRST + 7 * (DEMO_WEEKS - DEMO_SHORT_WEEKS + k));
            js_put_text(j, "article_id", c.at[0]);
            js_put_int(j, "units_lost", lost);
            js_end(j);
        }
    js_end(j);
}

/* What no recommender can beat but by luck: MAP@12 of the planted chances, week by week. */
static void put_optimum(js *j, const demo_world *w) {
    js_array(j, "best_possible_lists");
    for (int k = 0; k < DEMO_OPTIMUM_WEEKS; k++) {
        js_object(j, NULL);
        put_day(j, "from", DEMO_FIRST + 7 * (DEMO_WEEKS - DEMO_OPTIMUM_WEEKS + k));
        js_put_int(j, "customers", w->optimum[k].customers);
        js_put_fixed(j, "map_at_12", w->optimum[k].map, 6);
        js_end(j);
    }
    js_end(j);
}

static void put_reviews(js *j, const demo_world *w) {
    js_array(j, "topics");
    for (int t = 0; t < DEMO_TOPICS; t++) {
        js_object(j, NULL);
        js_put_word(j, "name", demo_topics[t]);
        js_put_int(j, "good_sentences", w->topic_count[t][1]);
        js_put_int(j, "bad_sentences", w->topic_count[t][0]);
        js_end(j);
    }
    js_end(j);
}

bool demo_write_truth(demo_world *w, folder *f, err *e) {
    js *j = take(&w->s->keep, js, 1);
    js_open(j, w->s);
    j->indent = w->n_people <= 10000;
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.truth/1");
    js_put_word(j, "size", w->p.size->name);
    js_put_int(j, "seed", (int64_t)w->p.seed);
    put_day(j, "from", DEMO_FIRST);
    put_day(j, "to", DEMO_FIRST + DEMO_DAYS - 1);
    put_files(j, w);
    put_segments(j, w);
    put_categories(j, w);
    js_put_int(j, "purchase_lines", w->lines);
    js_put_int(j, "bought_before", w->repurchases);
    js_put_real(j, "repurchase_share", (double)w->repurchases / (double)w->lines);
    js_put_int(j, "units_lost_to_stock_outs", w->lost);
    js_put_real(j, "new_article_share", 0.10);
    put_funnel(j, w);
    put_trends(j, w);
    put_stock_outs(j, w);
    put_optimum(j, w);
    put_reviews(j, w);
    js_end(j);
    text_add_char(&j->out, '\n');
    return folder_write(f, "truth.json", text_slice(&j->out), e);
}

bool demo_write_readme(const demo_world *w, folder *f, err *e) {
    text *t = take(&w->s->keep, text, 1);
    text_open(t, w->s);
    text_addf(t,
              "A made-up fashion shop\n======================\n\n"
              "Nothing here is real: a program drew it (size %s, seed %llu). It looks like the\n"
              "files of a shop from 2 October 2023 to 28 September 2025:\n\n",
              w->p.size->name, (unsigned long long)w->p.seed);
    static const char *const about[6] = {
        "what the shop sells: names, attributes, descriptions, list prices",
        "who buys there", "what was bought, one row a unit (channel 1 store, 2 online)",
        "what buyers wrote", "the web log of the last weeks: looked, clicked, carted, bought",
        "units on hand and on order, every Monday morning"};
    for (int i = 0; i < 6; i++)
        text_addf(t, "  %-24s %10lld rows   %s\n", w->files[i]->name,
                  (long long)w->files[i]->rows, about[i]);
    text_addf(
        t, "\nAbout one row in 200 is wrong on purpose (bad dates, unknown articles, broken\n"
            "quotes, ...), as in life. truth.json tells all that was planted: tastes, segments,\n"
            "seasons, price elasticities, funnel rates, trends, and every wrong row by kind.\n\n"
            "Try it:  atelier run THIS_FOLDER\n");
    return folder_write(f, "README.txt", text_slice(t), e);
}
