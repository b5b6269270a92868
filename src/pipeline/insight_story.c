/* insight_story: the shop's tables as the parts of the trends read them (story_…). */
#include "pipeline/insight.h"
#include "pipeline/trend_evidence.h"

/* list: what the articles file says, else what sales show. */
static const char tables_sql[] =
    "CREATE OR REPLACE TEMP TABLE story_sales AS SELECT a.article AS item, a.category, d.day, "
    "d.units, d.revenue FROM d_sales d JOIN b_articles a ON a.article_id = d.series "
    "WHERE d.level = 'article';"
    "CREATE OR REPLACE TEMP TABLE story_items AS SELECT a.article AS item, a.article_id AS id, "
    "coalesce(a.name, a.article_id) AS name, a.product_code AS product, "
    "coalesce(CAST(a.price AS DOUBLE), l.list) AS list FROM b_articles a LEFT JOIN ("
    TREND_EVIDENCE_LIST ") l ON l.item = a.article;"
    "CREATE OR REPLACE TEMP VIEW story_stock AS SELECT article AS item, day, on_hand FROM stock;"
    "CREATE OR REPLACE TEMP TABLE story_views AS SELECT article AS item, CAST(time AS DATE) AS "
    "day, count(*) AS views FROM f_events WHERE event = 'view' AND article IS NOT NULL "
    "GROUP BY article, CAST(time AS DATE);"
    "CREATE OR REPLACE TEMP VIEW story_attributes AS "
    "SELECT article AS item, 'colour' AS attribute, colour AS value FROM b_articles "
    "WHERE colour IS NOT NULL UNION ALL SELECT article, 'pattern', pattern FROM b_articles "
    "WHERE pattern IS NOT NULL UNION ALL SELECT article, 'material', material FROM b_articles "
    "WHERE material IS NOT NULL;"
    "CREATE OR REPLACE TEMP TABLE story_days AS SELECT day, sum(visits) AS visits, "
    "sum(orders) AS orders FROM ("
    "SELECT CAST(start AS DATE) AS day, count(*) AS visits, 0 AS orders FROM f_sessions "
    "GROUP BY CAST(start AS DATE) UNION ALL "
    "SELECT day, 0, count(DISTINCT order_id) FROM (SELECT day, order_id, quantity FROM "
    "transactions UNION ALL SELECT day, order_id, quantity FROM guest_sales) WHERE quantity > 0 "
    "GROUP BY day) GROUP BY day;";

bool insight_story(work *w, err *e) { return db_runf(w->d, e, "%s", tables_sql); }

/* What each number of the page is: {key: sentence}. */
static const char *const definitions[][2] = {
    {"growth", "Growth is the rate of the recent weeks over that of the weeks before, shrunk "
               "toward "
               "what is usual in the category by how little was sold; the interval holds 90 %."},
    {"raw_growth", "Raw growth is (recent + 0.5) over (previous + 0.5), each by the weeks on "
                   "sale: what "
                   "growth would be without shrinkage."},
    {"lfsr", "The local false-sign rate is the chance that the direction is wrong: under 5 % an "
             "article "
             "is called rising (growth of at least 1.25) or declining (at most 0.8)."},
    {"stage", "Stage of life, the first that holds: ended (no sale in 4 weeks, or silent when "
              "units were "
              "to be expected), launch (first sold under 4 weeks ago), clearance (over 20 % "
              "below list "
              "price), growth and decline (called so, or a Mann-Kendall trend of 26 weeks beyond "
              "1.96), "
              "plateau."},
    {"reason", "Facts that coincide and point the same way, the one that explains most of ln "
               "growth first: "
               "price (times elasticity), days out of stock, the category, the season of last "
               "year, the "
               "share of views, new variants, age. They are no proof."},
    {"weeks", "Units in the last 26 blocks of seven days, returns taken off."},
    {"share", "Revenue of the category over that of the shop, in the recent weeks."},
    {"contribution", "Change of the category's revenue over the shop's revenue before: "
                     "contributions add "
                     "up to the shop's growth."},
    {"pvm", "Price: articles sold in both periods, at the new price less the old, times the new "
            "units. "
            "Volume: what revenue would have changed by had every article moved with the shop's "
            "units. "
            "Mix: the rest, dearer or cheaper articles. The three add up to the change exactly."},
    {"shapley", "What each factor adds to the change of revenue, averaged over all orders in "
                "which the "
                "factors can change (Shapley): traffic (visits), conversion (orders over visits) "
                "and "
                "basket (revenue over orders); without visits orders, units an order and price a "
                "unit. "
                "The parts add up exactly."},
    {"attributes", "Share of the shop's units by colour, pattern and material in blocks of four "
                   "weeks; "
                   "growth is that of the share, shrunk, with the chance that its direction is "
                   "wrong."},
    {"anomalies", "Days of the last 26 weeks on which a series sold far from the median of its "
                  "weekday "
                  "in the four weeks around (articles: their share of the category), by the "
                  "tails of a "
                  "negative binomial; false alarms are held at 5 % over all days and series "
                  "(Benjamini "
                  "and Hochberg). Told once, at the highest node, unless one below accounts for "
                  "80 %."},
    {"shifts", "Weeks in which the level of units changed: the cheapest cutting into levels by a "
               "Poisson "
               "cost with a penalty of 3 ln n for each cut (PELT)."},
    {"check", "Held against the test weeks, in |ln|: log error is of the units foretold at the "
              "recent rate as each model sees it (raw: the recent weeks; none: both windows; "
              "shrunk: the median of what may come); growth log error is of the growth a model "
              "names against the growth that came, had it gone on."},
};

void insight_story_words(js *j) {
    js_object(j, "definitions");
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++)
        js_put_word(j, definitions[i][0], definitions[i][1]);
    js_end(j);
}
