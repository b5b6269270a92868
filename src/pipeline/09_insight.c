/* 09_insight: writes the tiles behind every page. */
#include "pipeline/family.h"
#include "pipeline/feed.h"
#include "pipeline/insight.h"
#include "pipeline/stage.h"
#include "pipeline/weekly_page.h"

static family_hook *pick(const family *one) { return one->insight; }

/* Key figures need sales; their segments are those that the families wrote. */
static bool write_sales(work *w, folder *f, scope *s, err *e) {
    int64_t units;
    return db_count(w->d, &units, e, "SELECT count(*) FROM d_sales") &&
           (units == 0 || insight_sales_write(w, f, s, e));
}

static bool run(work *w, folder *f, scope *s, err *e) {
    return family_step(w, f, "insight.json", pick, e) && write_sales(w, f, s, e) &&
           feed_write(w, f, s, e) && weekly_write(w, f, s, e);
}

const stage stage_insight = {
    .number = "09",
    .word = "insight",
    .title = "Writes the tiles behind every page.",
    .reads = FAMILY_READS " tune.json evaluation.json",
    .writes = "insight.json forecasts.json alerts alerts.json segments.json segment_members "
              "funnel.json language.json reviews.json topics.json aspects.json toxicity.json "
              "review_results review_sentiment review_topics review_aspects review_toxicity "
              "trends.json elasticity.json prices.json price_elasticities baskets.json "
              "beside.json products.json kpis customer_lifecycle kpis.json insights.json "
              "weekly.html",
    .run = run,
    .learns = true,
};
