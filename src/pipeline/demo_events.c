/* demo_events: the demo shop's web log: sessions in which people look, click, cart and buy.
 *
 * A chance is one article in one session: it is viewed, then clicked, carted and bought with the
 * planted rates of the session's channel and the article's category. Every online purchase of the
 * log's weeks is a chance that went all the way; the number of chances that failed before it is
 * geometric, as in a row of independent trials, so the rates hold exactly in expectation. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

enum { VIEW, CLICK, CART, PURCHASE, CHECKOUT, LIST, SEARCH, REMOVE };
static const char *const event_names[] = {"view_item", "select_item",    "add_to_cart",
                                          "purchase",  "begin_checkout", "view_item_list",
                                          "search",    "remove_from_cart"};
static const char *const platforms[] = {"web", "ios", "android"};

typedef struct web_event {
    int32_t second; /* of the week */
    int32_t person, article, session;
    uint8_t event, channel, platform, units;
} web_event;

typedef struct web_log {
    demo_world *w;
    const demo_demand *d;
    int week;
    rng r;
    arena *memory;
    web_event *at;
    int64_t n, room;
    int32_t sessions; /* opened so far this week */
} web_log;

typedef struct visit {
    int32_t person, session, second;
    uint8_t channel, platform;
    int n;
    int32_t seen[24];
} visit;

static void add(web_log *l, const visit *v, int event, int32_t article, int units) {
    if (l->n == l->room) {
        web_event *more = take(l->memory, web_event, 2 * l->room);
        memcpy(more, l->at, sizeof *more * (size_t)l->n);
        l->at = more;
        l->room *= 2;
    }
    l->at[l->n++] = (web_event){v->second,      v->person,  article,     v->session,
                                (uint8_t)event, v->channel, v->platform, (uint8_t)units};
}

static visit open_visit(web_log *l, int32_t person, int day, int channel) {
    static const double hours[] = {1, 1, 2, 2, 2, 3, 4, 3, 2, 2, 3, 4, 6, 8, 8, 5}; /* from 7 */
    int hour = 7 + demo_pick(&l->r, hours, 16);
    int32_t second = day * 86400 + hour * 3600 + (int32_t)rng_below(&l->r, 3600);
    double mobile = l->w->people[person].age < 35 ? .7 : .4;
    int platform = rng_uniform(&l->r) >= mobile ? 0 : rng_uniform(&l->r) < .55 ? 1 : 2;
    visit v = {.person = person,
               .session = l->sessions++,
               .second = second,
               .channel = (uint8_t)channel,
               .platform = (uint8_t)platform};
    if (rng_uniform(&l->r) < .45) add(l, &v, LIST, -1, 0);
    if (rng_uniform(&l->r) < .12) {
        v.second += 5 + (int32_t)rng_below(&l->r, 30);
        add(l, &v, SEARCH, -1, 0);
    }
    return v;
}

static void pass(web_log *l, visit *v, int least, int spread) {
    v->second += least + (int32_t)rng_below(&l->r, spread);
}

/* Views the article and goes `depth` steps further, at most into the cart. */
static void look(web_log *l, visit *v, int32_t article, int depth, int units) {
    if (v->n < 24) v->seen[v->n++] = article;
    pass(l, v, 4, 40);
    add(l, v, VIEW, article, 0);
    if (depth < CLICK) return;
    pass(l, v, 3, 30);
    add(l, v, CLICK, article, 0);
    if (depth < CART) return;
    pass(l, v, 5, 50);
    add(l, v, CART, article, units);
}

static bool seen(const visit *v, int32_t article) {
    for (int i = 0; i < v->n; i++)
        if (v->seen[i] == article) return true;
    return false;
}

/* One chance that fails somewhere; false when no article of the category is new to the visit. */
static bool fail_once(web_log *l, visit *v, int category) {
    int32_t article = -1;
    const demo_person *p = &l->w->people[v->person];
    for (int tries = 0; tries < 6 && article < 0; tries++) {
        int style = rng_uniform(&l->r) < .7 ? p->style : p->second;
        article = demo_demand_browse(l->d, style, category, &l->r);
        if (article < 0 || seen(v, article)) article = -1;
    }
    if (article < 0) return false;
    double reach = 1, stop[DEMO_STEPS];
    for (int step = 0; step < DEMO_STEPS; step++) {
        double rate = demo_rate(v->channel, category, step);
        stop[step] = reach * (1 - rate);
        reach *= rate;
    }
    int depth = demo_pick(&l->r, stop, DEMO_STEPS);
    look(l, v, article, depth, 1);
    if (depth == CART && rng_uniform(&l->r) < .3) {
        pass(l, v, 5, 40);
        add(l, v, REMOVE, article, 1);
    }
    return true;
}

/* Chances of a category that failed, in visits of the buyer earlier in the week or of others. */
static void browse(web_log *l, const demo_sale *sale, int channel, int64_t chances) {
    int category = l->w->articles[sale->article].category;
    while (chances > 0) {
        bool own = rng_uniform(&l->r) < .4;
        int32_t person = own ? sale->person : (int32_t)rng_below(&l->r, l->w->n_people);
        int day = own ? (int)rng_below(&l->r, sale->day + 1) : demo_pick(&l->r, demo_weekdays, 7);
        visit v = open_visit(l, person, day, channel);
        int64_t size = 1 + rng_below(&l->r, 4);
        for (; size > 0 && chances > 0; size--, chances--)
            if (!fail_once(l, &v, category)) break;
        if (v.n == 0) return; /* nothing of the category is on sale to look at */
    }
}

static int64_t draw_failures(web_log *l, int channel, int category) {
    double rate = 1;
    for (int step = 0; step < DEMO_STEPS; step++) rate *= demo_rate(channel, category, step);
    return (int64_t)floor(log(1 - rng_uniform(&l->r)) / log(1 - rate));
}

/* The visit in which n lines of one person and day were bought. */
static void buy(web_log *l, const demo_sale *sales, int n) {
    double weight[DEMO_CHANNELS];
    int first = l->w->articles[sales[0].article].category;
    for (int c = 0; c < DEMO_CHANNELS; c++) {
        weight[c] = demo_channels[c].share;
        for (int step = 0; step < DEMO_STEPS; step++) weight[c] *= demo_rate(c, first, step);
    }
    int channel = demo_pick(&l->r, weight, DEMO_CHANNELS);
    visit v = open_visit(l, sales[0].person, sales[0].day, channel);
    for (int i = 0; i < n; i++) v.seen[v.n++] = sales[i].article; /* not to be failed on */
    for (int i = 0; i < n; i++) {
        int category = l->w->articles[sales[i].article].category;
        int64_t failures = draw_failures(l, channel, category);
        if (failures > 0 && rng_uniform(&l->r) < .6 && fail_once(l, &v, category)) failures--;
        look(l, &v, sales[i].article, CART, sales[i].units);
        browse(l, &sales[i], channel, failures);
    }
    pass(l, &v, 20, 90);
    add(l, &v, CHECKOUT, -1, 0);
    pass(l, &v, 20, 120);
    for (int i = 0; i < n; i++) add(l, &v, PURCHASE, sales[i].article, sales[i].units);
}

/* By second; the order of drawing among equals. Two passes of 10 bits: a week has fewer than 2^20
 * seconds. */
static void sort_events(web_log *l) {
    web_event *other = take(l->memory, web_event, l->n + 1);
    for (int shift = 0; shift < 20; shift += 10) {
        int64_t at[1025] = {0};
        for (int64_t i = 0; i < l->n; i++) at[(l->at[i].second >> shift & 1023) + 1]++;
        for (int b = 0; b < 1024; b++) at[b + 1] += at[b];
        for (int64_t i = 0; i < l->n; i++)
            other[at[l->at[i].second >> shift & 1023]++] = l->at[i];
        web_event *swap = l->at;
        l->at = other;
        other = swap;
    }
}

static bool write_event(const web_log *l, const web_event *v, err *e) {
    const demo_world *w = l->w;
    demo_name person = demo_customer_id(w, v->person);
    demo_cells c;
    c.n = 0;
    demo_add_time(&c, DEMO_FIRST + l->week * 7, v->second);
    demo_add(&c, (slice){person.text, 64});
    demo_add_number(&c, (int64_t)l->week * 100000000 + v->session, 11);
    demo_add(&c, slice_of(event_names[v->event]));
    if (v->article >= 0) demo_add_article(&c, &w->articles[v->article]);
    else demo_add(&c, SLICE(""));
    if (v->article >= 0) demo_add_money(&c, demo_price(w, v->article, l->week));
    else demo_add(&c, SLICE(""));
    if (v->units > 0) demo_add_number(&c, v->units, 1);
    else demo_add(&c, SLICE(""));
    demo_add(&c, slice_of(demo_channels[v->channel].name));
    demo_add(&c, slice_of(platforms[v->platform]));
    return demo_row(w->files[DEMO_EVENTS], &c, e);
}

bool demo_write_events(demo_world *w, const demo_demand *d, int week, const demo_sale *sales,
                       int64_t n, arena scratch, err *e) {
    if (week < DEMO_WEEKS - w->p.size->event_weeks) return true;
    web_log l = {.w = w, .d = d, .week = week, .memory = &scratch, .room = 1 << 16};
    l.r = demo_rng(w, "events", (uint64_t)week);
    l.at = take(&scratch, web_event, l.room);
    for (int64_t i = 0; i < n;) {
        int same = 1;
        if (sales[i].channel != 2) {
            i++;
            continue;
        }
        while (i + same < n && same < 12 && sales[i + same].person == sales[i].person &&
               sales[i + same].day == sales[i].day && sales[i + same].channel == 2)
            same++;
        buy(&l, sales + i, same);
        i += same;
    }
    sort_events(&l);
    for (int64_t i = 0; i < l.n; i++)
        if (!write_event(&l, &l.at[i], e)) return false;
    return true;
}
