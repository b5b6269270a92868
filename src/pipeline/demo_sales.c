/* demo_sales: sells a week's wishes while stock lasts; transactions_train.csv and stock.csv. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

/* How much of the wanted units until the next delivery the buyer orders. */
static const double safety = 1.7, safety_scarce = 0.95;

/* Units that a launch of middling popularity sells in a week: sales over articles on sale. */
static double usual_units(const demo_world *w) {
    double live = w->n_articles / 11.3;
    return 0.40 * w->n_people * w->p.size->pace / live;
}

/* What season, growth and price do to an article's units in a week. */
static double pull(const demo_world *w, int32_t article, int week) {
    const demo_article *a = &w->articles[article];
    if (week > a->last) return 0;
    double ratio = demo_price(w, article, week) / (double)a->list;
    return w->season[a->category][week] * pow(ratio, demo_categories[a->category].elasticity);
}

/* Monday morning: goods arrive, then the buyer orders what will be wanted until the delivery after
 * the next. */
static void receive(demo_world *w, int32_t article, int week) {
    demo_article *a = &w->articles[article];
    double wanted = 0;
    if (week == a->launch) {
        a->lead = (uint8_t)(a->product % 2 + 1);
        a->forecast = (float)(usual_units(w) * exp((double)a->popularity));
    }
    for (int k = week; k <= week + a->lead + 1; k++)
        wanted += (double)a->forecast * pull(w, article, k);
    wanted = wanted * (a->scarce ? safety_scarce : safety) + (a->scarce ? 1 : 8);
    if (week == a->launch) a->stock = (int32_t)lround(wanted * (a->scarce ? 1 : 1.5));
    a->stock += a->coming[0];
    a->coming[0] = a->coming[1];
    a->coming[1] = 0;
    int32_t have = a->stock + a->coming[0];
    if (a->last - week >= a->lead && have < wanted)
        a->coming[a->lead - 1] += (int32_t)ceil(wanted) - have;
}

static bool write_stock(demo_world *w, int week, err *e) {
    for (int32_t i = 0; i < w->n_articles; i++) {
        demo_article *a = &w->articles[i];
        if (!demo_live(a, week)) continue;
        receive(w, i, week);
        demo_cells c = {.n = 0};
        demo_add_day(&c, DEMO_FIRST + week * 7);
        demo_add_article(&c, a);
        demo_add_number(&c, a->stock, 1);
        demo_add_number(&c, a->coming[0] + a->coming[1], 1);
        demo_add_number(&c, a->lead * 7, 1);
        if (a->coming[0] + a->coming[1] == 0) demo_add(&c, SLICE(""));
        else demo_add_day(&c, DEMO_FIRST + (week + (a->coming[0] > 0 ? 1 : 2)) * 7);
        if (!demo_row(w->files[DEMO_STOCK], &c, e)) return false;
    }
    return true;
}

/* By day, within a day in the order drawn. */
static demo_sale *by_day(const demo_sale *sales, int64_t n, arena *memory) {
    int64_t at[8] = {0};
    demo_sale *out = take(memory, demo_sale, n + 1);
    for (int64_t i = 0; i < n; i++) at[sales[i].day + 1]++;
    for (int d = 0; d < 7; d++) at[d + 1] += at[d];
    for (int64_t i = 0; i < n; i++) out[at[sales[i].day]++] = sales[i];
    return out;
}

static void remember(demo_world *w, int32_t person, int32_t article) {
    int32_t *history = w->history + (int64_t)person * w->p.size->memory;
    bool again = false;
    for (int i = 0; i < w->p.size->memory; i++) again = again || history[i] == article;
    w->lines++;
    if (again) {
        w->repurchases++;
        return;
    }
    history[w->history_at[person]] = article;
    w->history_at[person] = (uint8_t)((w->history_at[person] + 1) % w->p.size->memory);
}

static bool write_sale(demo_world *w, int week, const demo_sale *sale, err *e) {
    demo_name person = demo_customer_id(w, sale->person);
    demo_cells c;
    c.n = 0;
    demo_add_day(&c, DEMO_FIRST + week * 7 + sale->day);
    demo_add(&c, (slice){person.text, 64});
    demo_add_article(&c, &w->articles[sale->article]);
    demo_add_money(&c, demo_price(w, sale->article, week));
    demo_add(&c, sale->channel == 2 ? SLICE("2") : SLICE("1"));
    for (int unit = 0; unit < sale->units; unit++)
        if (!demo_row(w->files[DEMO_TRANSACTIONS], &c, e)) return false;
    return true;
}

bool demo_sell_week(demo_world *w, int week, demo_sale *sales, int64_t *n, arena scratch, err *e) {
    if (!write_stock(w, week, e)) return false;
    int32_t *sold = take(&scratch, int32_t, w->n_articles);
    const demo_sale *order = by_day(sales, *n, &scratch);
    int64_t kept = 0;
    for (int64_t i = 0; i < *n; i++) {
        demo_sale sale = order[i];
        demo_article *a = &w->articles[sale.article];
        if (sale.units > a->stock) sale.units = (uint8_t)a->stock;
        w->lost += order[i].units - sale.units;
        if (week >= DEMO_WEEKS - DEMO_SHORT_WEEKS)
            w->lost_of[(int64_t)sale.article * DEMO_SHORT_WEEKS + week -
                       (DEMO_WEEKS - DEMO_SHORT_WEEKS)] += order[i].units - sale.units;
        if (sale.units == 0) continue;
        a->stock -= sale.units;
        sold[sale.article] += sale.units;
        remember(w, sale.person, sale.article);
        if (!write_sale(w, week, &sale, e)) return false;
        sales[kept++] = sale;
    }
    for (int32_t i = 0; i < w->n_articles; i++) {
        demo_article *a = &w->articles[i];
        if (!demo_live(a, week)) continue;
        /* A launch's first week says most about it. */
        float weight = week == a->launch ? .7f : .35f;
        a->forecast += weight * ((float)(sold[i] / pull(w, i, week)) - a->forecast);
    }
    *n = kept;
    return true;
}
