/* demo_articles: the demo shop's articles: attributes, lives, price paths, tastes; articles.csv. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

/* Shares of new articles: 10 % of the live ones are new each week. */
static const double renewal = 0.10;
static const double lasting_share = 0.04; /* of launches; about a quarter of the live articles */

int32_t demo_price(const demo_world *w, int32_t article, int week) {
    int percent = w->percent[(int64_t)article * DEMO_WEEKS + week];
    return (w->articles[article].list * percent + 50) / 100;
}

static int pick_type(rng *r, int category) {
    int first = 0, n = 0;
    for (int i = 0; i < demo_n_types; i++)
        if (demo_types[i].category == category && n++ == 0) first = i;
    return first + (int)rng_below(r, n);
}

static int pick_named(rng *r, const demo_named *of, int n) {
    double weight[16];
    for (int i = 0; i < n; i++) weight[i] = of[i].share;
    return demo_pick(r, weight, n);
}

static int pick_colour(rng *r) {
    double weight[32];
    for (int i = 0; i < demo_n_colours; i++) weight[i] = demo_colours[i].share;
    return demo_pick(r, weight, demo_n_colours);
}

/* A price that ends in .99, around the category's median. */
static int32_t draw_list_price(rng *r, int category) {
    const demo_category *c = &demo_categories[category];
    double price = c->price * exp(c->spread * rng_normal(r));
    int32_t whole = (int32_t)lround(price);
    return (whole < 3 ? 3 : whole) * 100 - 1;
}

/* What the variants of a product share. */
static void draw_product(demo_article *a, int category, rng *r) {
    a->category = (uint8_t)category;
    a->type = (uint8_t)pick_type(r, category);
    a->pattern = (uint8_t)pick_named(r, demo_patterns, demo_n_patterns);
    a->group = (uint8_t)pick_named(r, demo_groups, demo_n_groups);
    a->material = (uint8_t)pick_named(r, demo_materials, demo_n_materials);
    a->word = (uint8_t)rng_below(r, demo_n_words);
    a->list = draw_list_price(r, category);
    a->lasting = rng_uniform(r) < lasting_share;
    a->quality = (float)(0.55 * rng_normal(r));
    a->flaw = rng_uniform(r) < .5 ? (int8_t)rng_below(r, DEMO_TOPICS) : -1;
    a->strength = rng_uniform(r) < .5 ? (int8_t)rng_below(r, DEMO_TOPICS) : -1;
    if (a->strength == a->flaw) a->strength = -1;
}

static void draw_life(demo_article *a, int week, rng *r) {
    int64_t weeks = a->lasting ? 40 + rng_below(r, 41) : 5 + rng_below(r, 7);
    if (week == 0 && !a->lasting) weeks = 1 + rng_below(r, weeks); /* already on sale a while */
    if (week == 0 && a->lasting) weeks = 1 + rng_below(r, 80);
    a->launch = (int16_t)week;
    a->last = (int16_t)(week + weeks - 1);
    if (a->last >= DEMO_WEEKS) a->last = DEMO_WEEKS - 1;
    a->popularity = (float)(0.25 * rng_normal(r) + (a->lasting ? 0.1 : 0));
    a->scarce = rng_uniform(r) < .10;
}

/* A quarter of what is on sale in the first week are lasting articles: with the shares of launches
 * times their mean lives (60 and 8 weeks) that is where the shop stays. */
static void fill_range(demo_world *w, int week, int32_t to, int32_t *n, int32_t *product) {
    rng r = demo_rng(w, "articles", (uint64_t)week);
    double shares[DEMO_CATEGORIES];
    for (int c = 0; c < DEMO_CATEGORIES; c++) shares[c] = demo_categories[c].share;
    while (*n < to) {
        demo_article a = {0};
        draw_product(&a, demo_pick(&r, shares, DEMO_CATEGORIES), &r);
        if (week == 0) a.lasting = rng_uniform(&r) < 0.25;
        *product += 1 + (int32_t)rng_below(&r, w->n_articles > 20000 ? 13 : 300);
        a.product = *product;
        int variants = 1 + (int)rng_below(&r, 3);
        for (int v = 0; v < variants && *n < to; v++) {
            a.variant = v + 1;
            a.colour = (uint8_t)pick_colour(&r);
            draw_life(&a, week, &r);
            w->articles[(*n)++] = a;
        }
    }
}

/* Articles that rise and decline in the last weeks: well sold lasting ones that came 28 to 64 weeks
 * before the end, in categories without a strong season or a trend of their own. They keep their
 * list price in the last 26 weeks, so that nothing but the trend moves them. */
static bool may_plant(const demo_article *a) {
    const demo_category *c = &demo_categories[a->category];
    return a->lasting && !a->planted && c->growth == 0 && c->amplitude <= .35 &&
           a->launch <= DEMO_WEEKS - 28 && a->launch >= DEMO_WEEKS - 64 &&
           a->last >= DEMO_WEEKS - 28;
}

static void plant_trends(demo_world *w) {
    int planted = 0;
    for (; planted < 2 * DEMO_PLANTED; planted++) {
        int32_t best = -1;
        for (int32_t i = 0; i < w->n_articles; i++) {
            const demo_article *a = &w->articles[i];
            if (!may_plant(a)) continue;
            if (best < 0 || a->popularity > w->articles[best].popularity) best = i;
        }
        if (best < 0) break;
        demo_article *a = &w->articles[best];
        a->planted = planted % 2 == 0 ? 1 : -1;
        a->last = DEMO_WEEKS - 1;
        a->scarce = false;
        if (a->popularity < 0.6f) a->popularity = 0.6f;
    }
}

/* One price path: full price, promotions of one to three weeks that begin at any time after the
 * first week, and for half of the short-lived a last markdown. Promotions do not look at demand. */
static void draw_prices(demo_world *w, int32_t article) {
    static const uint8_t depth[] = {90, 85, 80, 80, 75, 70, 60};
    const demo_article *a = &w->articles[article];
    uint8_t *percent = w->percent + (int64_t)article * DEMO_WEEKS;
    rng r = demo_rng(w, "prices", (uint64_t)article);
    int left = 0, now = 100, life = a->last - a->launch + 1;
    int final = !a->lasting && life >= 6 && rng_uniform(&r) < .5 ? a->last - 1 : DEMO_WEEKS;
    int final_percent = rng_uniform(&r) < .5 ? 75 : 60;
    for (int week = a->launch; week <= a->last; week++) {
        if (left > 0 && --left == 0) now = 100;
        if (left == 0 && (week > a->launch || week == 0) && rng_uniform(&r) < .26) {
            now = depth[rng_below(&r, 7)];
            left = 1 + (int)rng_below(&r, 2);
        }
        if (a->planted && week >= DEMO_WEEKS - 26) now = 100;
        percent[week] = (uint8_t)(week >= final && now > final_percent ? final_percent : now);
    }
}

/* Styles: what a kind of customer likes. Two colours and one pattern more, one colour less, one
 * index group far more, cheap or dear; the rest is the article's own. */
static void draw_tastes(demo_world *w) {
    int s_n = w->n_styles;
    for (int s = 0; s < s_n; s++) {
        rng r = demo_rng(w, "styles", (uint64_t)s);
        int like1 = pick_colour(&r), like2 = pick_colour(&r), not = pick_colour(&r);
        int group = s < demo_n_groups ? s : pick_named(&r, demo_groups, demo_n_groups);
        int pattern = pick_named(&r, demo_patterns, demo_n_patterns);
        double dear = 0.7 * rng_normal(&r), sum = 0;
        w->style_age[s] = (uint8_t)(20 + rng_below(&r, 41));
        w->style_group[s] = (uint8_t)group;
        double *shares = w->style_category + s * DEMO_CATEGORIES;
        for (int c = 0; c < DEMO_CATEGORIES; c++)
            sum += shares[c] = demo_categories[c].share * exp(0.4 * rng_normal(&r));
        for (int c = 0; c < DEMO_CATEGORIES; c++) shares[c] /= sum;
        for (int32_t i = 0; i < w->n_articles; i++) {
            const demo_article *a = &w->articles[i];
            double z = log(a->list / 100.0 / demo_categories[a->category].price);
            double likes = 1.1 * rng_normal(&r) + dear * z;
            if (a->group == group) likes += 2.0;
            if (a->colour == like1 || a->colour == like2) likes += 1.2;
            if (a->colour == not && not != like1 && not != like2) likes -= 1.2;
            if (a->pattern == pattern) likes += 0.8;
            w->taste[(int64_t)i * s_n + s] = (float)likes;
        }
    }
}

bool demo_make_articles(demo_world *w, err *e) {
    int32_t n = 0, product = 108774;
    /* n = live + renewal * live * (DEMO_WEEKS - 1) */
    double live = w->n_articles / (1 + renewal * (DEMO_WEEKS - 1));
    if (live < 50) return refuse(e, "a demo shop needs more articles");
    for (int week = 0; week < DEMO_WEEKS; week++) {
        int32_t to = (int32_t)lround(live * (1 + renewal * week));
        fill_range(w, week, week == DEMO_WEEKS - 1 ? w->n_articles : to, &n, &product);
    }
    plant_trends(w);
    for (int32_t i = 0; i < w->n_articles; i++) draw_prices(w, i);
    draw_tastes(w);
    return true;
}

static const struct {
    int group;
    const char *code, *name, *section, *people;
    int section_number;
} indexes[] = {
    {1, "A", "Ladieswear", "Womens Everyday Collection", "Ladies", 15},
    {2, "D", "Divided", "Divided Collection", "Divided", 53},
    {3, "F", "Menswear", "Contemporary Casual", "Mens", 55},
    {26, "S", "Sport", "Ladies H&M Sport", "Sport", 5},
    {4, "H", "Children Sizes 92-140", "Kids Girl", "Kids", 46},
};

static void add_attributes(demo_cells *c, const demo_article *a) {
    const demo_type *t = &demo_types[a->type];
    const demo_colour *colour = &demo_colours[a->colour];
    demo_add_number(c, t->number, 1);
    demo_add(c, slice_of(t->name));
    demo_add(c, slice_of(demo_categories[a->category].name));
    demo_add_number(c, demo_patterns[a->pattern].number, 1);
    demo_add(c, slice_of(demo_patterns[a->pattern].name));
    demo_add_number(c, colour->number, 1);
    demo_add(c, slice_of(colour->name));
    demo_add_number(c, colour->value_number, 1);
    demo_add(c, slice_of(colour->value));
    demo_add_number(c, colour->master_number, 1);
    demo_add(c, slice_of(colour->master));
}

static void add_place(demo_cells *c, const demo_article *a, slice department) {
    demo_add_number(c, 1000 + a->group * 100 + a->type, 1);
    demo_add(c, department);
    demo_add(c, slice_of(indexes[a->group].code));
    demo_add(c, slice_of(indexes[a->group].name));
    demo_add_number(c, indexes[a->group].group, 1);
    demo_add(c, slice_of(demo_groups[a->group].name));
    demo_add_number(c, indexes[a->group].section_number, 1);
    demo_add(c, slice_of(indexes[a->group].section));
    demo_add_number(c, demo_types[a->type].garment_number, 1);
    demo_add(c, slice_of(demo_types[a->type].garment));
}

bool demo_write_articles(demo_world *w, err *e) {
    text about = {0}, name = {0}, department = {0};
    bool done = true;
    for (int32_t i = 0; i < w->n_articles && done; i++) {
        const demo_article *a = &w->articles[i];
        const demo_type *t = &demo_types[a->type];
        demo_cells c = {.n = 0};
        rng r = demo_rng(w, "descriptions", (uint64_t)a->product);
        text_clear(&about), text_clear(&name), text_clear(&department);
        if (rng_uniform(&r) >= .02) demo_describe(&about, a, &r);
        text_addf(&name, "%s %s", demo_article_word(a->word), t->noun);
        text_addf(&department, "%s %s", indexes[a->group].people, t->name);
        demo_add_article(&c, a);
        demo_add_number(&c, a->product, 1);
        demo_add(&c, text_slice(&name));
        add_attributes(&c, a);
        add_place(&c, a, text_slice(&department));
        demo_add(&c, text_slice(&about));
        demo_add_money(&c, a->list);
        demo_add_day(&c, DEMO_FIRST + a->launch * 7);
        demo_add(&c, slice_of(demo_materials[a->material].name));
        done = demo_row(w->files[DEMO_ARTICLES], &c, e);
    }
    text_free(&about), text_free(&name), text_free(&department);
    return done;
}
