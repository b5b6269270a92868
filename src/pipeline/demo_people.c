/* demo_people: the demo shop's customers: segments, styles, rhythms; customers.csv. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

demo_name demo_customer_id(const demo_world *w, int32_t person) {
    static const char digits[] = "0123456789abcdef";
    demo_name n;
    rng r = rng_open(w->id_seed, (uint64_t)person);
    for (int i = 0; i < 64; i += 8) {
        uint32_t x = rng_u32(&r);
        for (int k = 0; k < 8; k++, x >>= 4) n.text[i + k] = digits[x & 15];
    }
    n.text[64] = 0;
    return n;
}

/* Weeks in which a person may buy. */
static void draw_span(demo_person *p, rng *r) {
    p->from = 0;
    p->to = DEMO_WEEKS;
    switch (demo_segments[p->segment].rhythm) {
    case ONCE:
        p->from = (uint8_t)rng_below(r, DEMO_WEEKS);
        p->to = (uint8_t)(p->from + 1);
        break;
    case UNTIL: p->to = (uint8_t)(25 + rng_below(r, 46)); break; /* silent for 34 weeks at least */
    case SINCE: p->from = (uint8_t)(DEMO_WEEKS - 8 - rng_below(r, 19)); break;
    case NEVER: p->to = 0; break;
    case ALWAYS:
    case IN_SEASON: break;
    }
}

void demo_make_people(demo_world *w) {
    double shares[DEMO_SEGMENTS], styles[DEMO_STYLES_MOST];
    for (int i = 0; i < DEMO_SEGMENTS; i++) shares[i] = demo_segments[i].share;
    rng r = demo_rng(w, "style shares", 0);
    for (int s = 0; s < w->n_styles; s++) styles[s] = 0.5 + rng_uniform(&r);
    for (int32_t i = 0; i < w->n_people; i++) {
        demo_person *p = &w->people[i];
        r = demo_rng(w, "people", (uint64_t)i);
        p->segment = (uint8_t)demo_pick(&r, shares, DEMO_SEGMENTS);
        p->style = (uint8_t)demo_pick(&r, styles, w->n_styles);
        p->second = (uint8_t)demo_pick(&r, styles, w->n_styles);
        double age = w->style_age[p->style] + 7 * rng_normal(&r);
        p->age = (uint8_t)(age < 16 ? 16 : age > 90 ? 90 : age);
        const demo_segment *g = &demo_segments[p->segment];
        /* individual rates: gamma with mean 1 and a standard deviation of 0.35 */
        p->rate = (float)(g->orders * w->p.size->pace * rng_gamma(&r, 8) / 8);
        double online = g->online + 0.15 * rng_normal(&r);
        p->online = (float)(online < .05 ? .05 : online > .95 ? .95 : online);
        draw_span(p, &r);
    }
    memset(w->history, -1, sizeof *w->history * (size_t)w->n_people * (size_t)w->p.size->memory);
}

bool demo_gift_season(int week) {
    int year, month, day, of_year;
    int32_t middle = DEMO_FIRST + week * 7 + 3;
    day_split(middle, &year, &month, &day);
    of_year = middle - day_of(year, 1, 1);
    return (of_year >= 318 && of_year < 359) || (of_year >= 130 && of_year < 186);
}

bool demo_write_people(demo_world *w, err *e) {
    static const char *const clubs[] = {"ACTIVE", "PRE-CREATE", "LEFT CLUB", ""};
    static const char *const news[] = {"NONE", "Regularly", "Monthly", "None", ""};
    static const double club_share[] = {.925, .068, .001, .006};
    static const double news_share[] = {.63, .345, .003, .002, .02};
    demo_file *f = w->files[DEMO_CUSTOMERS];
    for (int32_t i = 0; i < w->n_people; i++) {
        const demo_person *p = &w->people[i];
        rng r = demo_rng(w, "customer file", (uint64_t)i);
        bool club = rng_uniform(&r) < (p->segment == 0 ? .6 : .3);
        demo_name id = demo_customer_id(w, i), place;
        int area = (int)rng_below(&r, 1 + w->n_people / 4);
        place = demo_customer_id(w, -1 - area);
        demo_cells c = {.n = 0};
        demo_add(&c, slice_of(id.text));
        demo_add(&c, slice_of(club ? "1" : ""));
        demo_add(&c, slice_of(club && rng_uniform(&r) < .97 ? "1" : ""));
        demo_add(&c, slice_of(clubs[demo_pick(&r, club_share, 4)]));
        demo_add(&c, slice_of(news[demo_pick(&r, news_share, 5)]));
        if (rng_uniform(&r) < .012) demo_add(&c, SLICE(""));
        else demo_add_number(&c, p->age, 1);
        demo_add(&c, slice_of(place.text));
        if (!demo_row(f, &c, e)) return false;
    }
    return true;
}
