/* insight_products: classes, concentration and launches of the shop's articles: products.json. */
#include <math.h>
#include <stdio.h>

#include "pipeline/insight.h"
#include "pipeline/product_board.h"

enum { SHOWN = 20000, RECENT = 4 };

static const char source[] =
    "SELECT a.article AS item, a.category, d.day, d.units, d.revenue FROM d_sales d "
    "JOIN b_articles a ON a.article_id = d.series WHERE d.level = 'article'";

/* What each number of the page is: {key: sentence}. */
static const char *const definitions[][2] = {
    {"revenue", "What was paid in the last 52 weeks, returns taken off."},
    {"growth", "Units of the last four weeks over those of the four before. Not shrunk: the page "
               "Trends tells which of these mean something."},
    {"abc", "By revenue of the last 52 weeks, largest first: A holds the first 80 %, B the next "
            "15 %, C the rest. The article in which the cut falls belongs to the upper class."},
    {"cv", "Coefficient of variation of weekly units, the season of the category taken out. An "
           "article of u units a week has at least 1/√u by chance alone."},
    {"xyz", "By cv: X below 0.5, Y up to 1, Z above; none below eight weeks on sale."},
    {"gini", "0 when all articles that sold bring the same revenue, near 1 when one brings all."},
    {"lorenz", "What share of revenue the articles of most revenue bring."},
    {"usual", "Median of what the articles of the category had sold after as many weeks since "
              "their first sale, drawn toward all articles where the category has few."},
    {"ratio", "Units since launch over the usual, with a 95 % interval of its own chance; the "
              "first 26 weeks. Most articles lie surely on one side of the usual."},
    {"launch", "Ahead: it sold more than 95 of 100 launches of its category, by how they differ; "
               "behind: less."},
    {"list", "What was paid on average in the dearest four weeks of the 52 with five units."},
    {"reduced", "Weeks in which less than 90 % of the list price was paid; a cut is the first of "
                "them after a week that was not."},
    {"unknown", "First sold in the first four weeks of the sales: may be older."},
};

static void put_definitions(js *j) {
    js_object(j, "definitions");
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        js_put_word(j, definitions[i][0], definitions[i][1]);
    js_end(j);
}

static void put_launch(js *j, const launch_place *p) {
    js_object(j, "launch");
    js_put_word(j, "call", launch_call_words[p->call]);
    js_put_int(j, "weeks", p->weeks);
    js_put_real(j, "units", p->units);
    js_put_real(j, "usual", p->usual);
    js_put_real(j, "usual_low", p->usual_low);
    js_put_real(j, "usual_high", p->usual_high);
    js_put_real(j, "ratio", p->ratio);
    js_put_real(j, "low", p->low);
    js_put_real(j, "high", p->high);
    js_end(j);
}

/* Prices paid, the list price, weeks below it, and the first week of each row of such. */
static void put_prices(js *j, const product_board *b, int32_t i) {
    const double *price = b->price + (int64_t)i * PRODUCT_YEAR;
    double least = PRODUCT_REDUCED * b->list[i];
    char digits[32];
    js_array(j, "prices");
    for (int w = 0; w < PRODUCT_YEAR; w++) {
        snprintf(digits, sizeof digits, "%.5g", price[w]);
        if (isnan(price[w])) js_put_null(j, NULL);
        else js_put_raw(j, NULL, slice_of(digits));
    }
    js_end(j);
    js_put_real(j, "list", b->list[i]);
    js_array(j, "reduced");
    for (int w = 0; w < PRODUCT_YEAR; w++)
        if (price[w] < least) js_put_int(j, NULL, w);
    js_end(j);
    js_array(j, "cuts");
    bool full = false;
    for (int w = 0; w < PRODUCT_YEAR; w++) {
        if (isnan(price[w])) continue;
        if (full && price[w] < least) js_put_int(j, NULL, w);
        full = price[w] >= least;
    }
    js_end(j);
}

static void put_article(js *j, const product_board *b, const columns *names, int32_t i) {
    const double *week = b->weekly + (int64_t)i * PRODUCT_YEAR,
                 *sums = b->sums + (int64_t)i * PRODUCT_AGES;
    int32_t article = columns_i32(&b->names, "item")[i];
    double recent = 0.0, previous = 0.0;
    for (int w = 1; w <= RECENT; w++) {
        recent += week[PRODUCT_YEAR - w];
        previous += week[PRODUCT_YEAR - RECENT - w];
    }
    js_object(j, NULL);
    js_put_text(j, "id", columns_text(names, "article_id")[article]);
    js_put_text(j, "name", columns_text(names, "name")[article]);
    js_put_text(j, "category", b->category[columns_i32(&b->names, "code")[i]]);
    js_put_real(j, "revenue", b->revenue[i]);
    js_put_real(j, "units", b->units[i]);
    js_put_real(j, "revenue_before", b->before[i]);
    js_put_real(j, "recent", recent);
    js_put_real(j, "previous", previous);
    js_put_real(j, "growth", previous > 0 ? recent / previous : NAN);
    js_put_word(j, "abc", assortment_abc_words[b->abc[i]]);
    js_put_word(j, "abc_before", b->abc_before[i] < ASSORTMENT_ABC
                                     ? assortment_abc_words[b->abc_before[i]] : NULL);
    js_put_word(j, "xyz", assortment_xyz_words[b->xyz[i]]);
    js_put_real(j, "cv", b->cv[i]);
    put_launch(j, &b->place[i]);
    js_array(j, "weeks");
    for (int w = 0; w < PRODUCT_YEAR; w++) js_put_real(j, NULL, week[w]);
    js_end(j);
    put_prices(j, b, i);
    js_array(j, "since_launch"); /* units up to each week */
    for (int w = 0; w < b->place[i].weeks; w++) js_put_real(j, NULL, sums[w]);
    js_end(j);
    js_end(j);
}

bool insight_products_write(work *w, folder *f, scope *s, err *e) {
    js *j = take(&s->keep, js, 1); /* its text is freed with s */
    product_board b;
    columns names;
    int32_t end = w->days.end;
    if (!product_board_make(&b, w->d, source, end, ASSORTMENT_DEFAULTS, s, e) ||
        !db_query(w->d, &s->keep, &names, e,
                  "SELECT article_id, coalesce(name, article_id) AS name FROM b_articles "
                  "ORDER BY article"))
        return false;
    js_open(j, s);
    js_object(j, NULL);
    js_put_word(j, "schema", "atelier.products/1");
    js_put_word(j, "as_of", day_text(&s->keep, end));
    js_put_word(j, "from", day_text(&s->keep, end - 7 * PRODUCT_YEAR));
    put_definitions(j);
    product_board_put(j, &b, ASSORTMENT_DEFAULTS);
    js_put_int(j, "articles_sold_ever", b.n);
    js_array(j, "articles");
    for (int64_t k = 0; k < b.n && k < SHOWN; k++) put_article(j, &b, &names, b.order[k]);
    js_end(j);
    js_end(j);
    return folder_write(f, "products.json", text_slice(&j->out), e);
}
