/* routes: the one table of the API: method, path, view, parameters, caching, help. */
#include "surfaces/routes.h"

#include <string.h>

#include "surfaces/routes_insight.h"
#include "surfaces/wish.h"

static const param user_params[] = {
    ID_PARAM("customer", "@customer"),
    WISH_PARAMS(PARAM_QUERY),
    {"segment", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, "@segment",
     "id of the segment that she is thought to be in, as GET /v1/segments has it: while her own "
     "purchases say nothing, what it buys is listed"},
    {0}};
static const param visit_params[] = {
    {"events", PARAM_BODY, PARAM_EVENTS, NULL, NULL, 0, 200, "@events",
     "what the customer did, in order: article, event (view, click, cart_add, purchase), time"},
    {"customer", PARAM_BODY, PARAM_TEXT, NULL, NULL, 1, 256, "@customer",
     "who she is, when known"},
    WISH_PARAMS(PARAM_BODY),
    {0}};
static const param trending_params[] = {
    {"k", PARAM_QUERY, PARAM_INT, NULL, "12", 1, 100, "12", "how many articles"},
    CATEGORY_PARAM,
    {0}};
static const param article_params[] = {ID_PARAM("article", "@article"), {0}};
static const param similar_params[] = {
    ID_PARAM("article", "@article"),
    {"k", PARAM_QUERY, PARAM_INT, NULL, "12", 1, 100, "12", "how many articles"},
    {0}};
static const param segment_user_params[] = {ID_PARAM("customer", "@customer"), {0}};
#define SEGMENT_PARAM                                                                              \
    {"id", PARAM_PATH, PARAM_TEXT, NULL, NULL, 1, 256, "@segment",                                 \
     "id of a segment, as GET /v1/segments has it"}
static const param segments_params[] = {
    {"method", PARAM_QUERY, PARAM_CHOICE, "rfm|kmeans|gmm|hdbscan", NULL, 0, 0, "rfm",
     "only segments by this method"},
    {"part", PARAM_QUERY, PARAM_CHOICE,
     "overview|grid|explorer|choose_k|value|retention|migration|drift", "overview", 0, 0, NULL,
     "what the dashboard shows of them, tab by tab"},
    {0}};
#define CUTS_PARAM(name, what)                                                                     \
    {name, PARAM_QUERY, PARAM_TEXT, NULL, NULL, 7, 200, NULL,                                      \
     "four ascending cut points of " what " (default: those of the run)"}
static const param grid_params[] = {CUTS_PARAM("recency", "the days since the last order"),
                                    CUTS_PARAM("frequency", "the days with an order"),
                                    CUTS_PARAM("money", "the money spent"),
                                    {0}};
static const param segment_params[] = {SEGMENT_PARAM, {0}};
static const param segment_articles_params[] = {
    SEGMENT_PARAM,
    {"k", PARAM_QUERY, PARAM_INT, NULL, "12", 1, 100, "12", "how many articles"},
    CATEGORY_PARAM,
    {"in_stock", PARAM_QUERY, PARAM_INT, NULL, "0", 0, 1, "0", "1 leaves out what is sold out"},
    {"price_min", PARAM_QUERY, PARAM_REAL, NULL, NULL, 0, 1000000000, NULL, "lowest price"},
    {"price_max", PARAM_QUERY, PARAM_REAL, NULL, NULL, 0, 1000000000, NULL, "highest price"},
    {0}};
static const param members_params[] = {
    SEGMENT_PARAM,
    {"q", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 100, NULL, "part of a customer's id"},
    {"order", PARAM_QUERY, PARAM_CHOICE, "customer|strength|outlier|p_alive|clv", "customer", 0, 0,
     NULL, "largest first; customer: as the shop's files have them"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "50", 1, 1000, "10", "how many customers"},
    {"offset", PARAM_QUERY, PARAM_INT, NULL, "0", 0, 100000000, "0", "skip so many, for paging"},
    {0}};
static const param list_params[] = {
    {"level", PARAM_QUERY, PARAM_CHOICE, "total|category|article|rest", NULL, 0, 0, "total",
     "only series of this level"},
    {"q", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 100, NULL, "part of a name or id"},
    {"category", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL,
     "only articles of this category and its rest: what adds up to it"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "100", 1, 1000, "10", "how many series"},
    {"offset", PARAM_QUERY, PARAM_INT, NULL, "0", 0, 10000000, "0", "skip so many, for paging"},
    {0}};
static const param alert_params[] = {
    {"type", PARAM_QUERY, PARAM_CHOICE,
     "stock_out|reorder|overstock|markdown|dead|broken|surge|collapse|unreliable", NULL, 0, 0, NULL,
     "only alerts of this type"},
    {"article", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only alerts of this article"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "50", 1, 1000, "10", "how many, dearest first"},
    {0}};
static const param series_params[] = {
    {"series", PARAM_REST, PARAM_TEXT, NULL, NULL, 1, 512, "@series",
     "total, category/NAME, article/ID or rest/NAME"},
    {0}};
static const param quotes_params[] = {
    {"aspect", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 100, NULL, "only quotes on this aspect"},
    {"topic", PARAM_QUERY, PARAM_INT, NULL, NULL, 0, 10000, NULL, "only quotes of this topic"},
    {"polarity", PARAM_QUERY, PARAM_CHOICE, "positive|neutral|negative", NULL, 0, 0, NULL,
     "only quotes of this opinion on an aspect"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "20", 1, 500, "10", "how many quotes"},
    {0}};
static const param opinion_params[] = {
    {"text", PARAM_BODY, PARAM_TEXT, NULL, NULL, 1, 8192, "Lovely fabric, but far too small.",
     "a review; or several as texts"},
    {"texts", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 32, NULL,
     "several reviews, of 8192 bytes in all at most"},
    {0}};
static const param search_params[] = {
    {"q", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, SEARCH_QUERY, "dress", "what is looked for"},
    {"k", PARAM_QUERY, PARAM_INT, NULL, "12", 1, 100, "12", "how many articles"},
    CATEGORY_PARAM,
    {"max_variants", PARAM_QUERY, PARAM_INT, NULL, "1", 1, 100, NULL, "articles of one product"},
    {0}};
static const param funnel_params[] = {
    {"category", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only this category"},
    {"channel", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only this channel"},
    {"platform", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 256, NULL, "only this platform"},
    {0}};
static const param sales_params[] = {
    {"grain", PARAM_QUERY, PARAM_CHOICE, "day|week|month", "week", 0, 0, "month",
     "the periods; days of groups are the last 92"},
    {"by", PARAM_QUERY, PARAM_CHOICE, "category|channel|segment|traffic", "category", 0, 0,
     "channel", "the groups; traffic is the channel of the log"},
    {0}};
static const param trends_params[] = {
    {"direction", PARAM_QUERY, PARAM_CHOICE, "rising|declining", NULL, 0, 0, "rising",
     "one direction; both when absent"},
    {"level", PARAM_QUERY, PARAM_CHOICE, "article|category", "article", 0, 0, "article",
     "articles or whole categories"},
    {"limit", PARAM_QUERY, PARAM_INT, NULL, "20", 1, 500, "10", "how many of each direction"},
    {"part", PARAM_QUERY, PARAM_CHOICE,
     "boards|categories|spread|stages|revenue|attributes|anomalies|shifts|page", "boards", 0, 0,
     "revenue", "boards are rising and declining; page is everything, for the dashboard"},
    {0}};

static const param paths_params_of[] = {
    {"anchor", PARAM_QUERY, PARAM_TEXT, NULL, NULL, 1, 60, NULL,
     "begin at the first such event of each session"},
    {"backwards", PARAM_QUERY, PARAM_INT, NULL, "0", 0, 1, "0",
     "1: what came before the anchor, step by step"},
    {"depth", PARAM_QUERY, PARAM_INT, NULL, "6", 1, 12, "4", "steps"},
    {"goal", PARAM_QUERY, PARAM_TEXT, NULL, "purchase", 1, 60, NULL,
     "what a session should reach"},
    {"support", PARAM_QUERY, PARAM_REAL, NULL, "0.005", 0, 1, NULL,
     "least share of the sessions of a sequence"},
    {0}};

static const param funnel_any_params[] = {
    {"steps", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 16, NULL,
     "names of events in order; without them view, click, cart_add and purchase, as the log has"},
    {"gaps", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 15, NULL,
     "most time from each step to the next, as window"},
    {"optional", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 15, NULL, "steps that may be left out"},
    {"exclude", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 8, NULL,
     "events that must not lie between: cart_remove, or cart_remove:2-3 for steps 2 to 3"},
    {"window", PARAM_BODY, PARAM_TEXT, NULL, "7d", 2, 16, "7d",
     "most time from the first step: 7d, 36h, 30m, 90s or none"},
    {"order", PARAM_BODY, PARAM_CHOICE, "loose|strict|any", "loose", 0, 0, "loose",
     "other events may lie between; none may; steps in any order"},
    {"ties", PARAM_BODY, PARAM_CHOICE, "climb|strictly_after", "climb", 0, 0, NULL,
     "events of one instant count in step order, or each step is later than the one before"},
    {"unit", PARAM_BODY, PARAM_CHOICE, "visitor|session", "visitor", 0, 0, "visitor",
     "who goes through the funnel"},
    {"count", PARAM_BODY, PARAM_CHOICE, "units|attempts", "units", 0, 0, NULL,
     "units once, or each of their attempts"},
    {"by", PARAM_BODY, PARAM_CHOICE, "category|channel|platform", NULL, 0, 0, "channel",
     "break down by what the first step's event says"},
    {"trend", PARAM_BODY, PARAM_CHOICE, "none|day|week", "none", 0, 0, NULL,
     "counts by when the first step was"},
    {"curve", PARAM_BODY, PARAM_INT, NULL, "0", 0, 1, NULL,
     "1: share converted by time since the first step (Kaplan–Meier)"},
    {0}};

static const param page_params[] = {
    {"parts", PARAM_BODY, PARAM_TEXTS, NULL, NULL, 1, 16, "/v1/home",
     "paths of GETs of /v1 with their queries, all that a page shows at once"},
    {0}};

const route routes[] = {
    {"POST", "/v1/page", view_parts, page_params, 0, "shop",
     "Several GETs at once: what a page shows, each part with its own status.",
     "parts (path, status, body), took_us"},
    {"GET", "/v1/home", view_home, NULL, 60, "shop", "Headline results of the six families.",
     "shop, families"},
    {"GET", "/v1/evaluation", view_evaluation, NULL, 60, "shop",
     "Every model against its baseline on the test window.", "one member a family"},
    {"GET", "/v1/recommendations/users/{id}", view_recommend_user, user_params, 0, "recommend",
     "Articles for a customer; popular ones for a customer not known (cold_start).",
     "model, served_by, cold_start, customer_id, segment, history, items, took_us"},
    {"POST", "/v1/recommendations/session", view_recommend_session, visit_params, 0, "recommend",
     "Articles for what somebody does right now; nobody has to be known.",
     "model, served_by, cold_start, customer_id, segment, events_known, history, items, took_us"},
    {"GET", "/v1/recommendations/items/{id}/similar", view_recommend_similar, similar_params, 60,
     "recommend", "Articles like an article.", "model, article, items, took_us"},
    {"GET", "/v1/recommendations/items/{id}/bought-together", view_recommend_together,
     similar_params, 60, "recommend", "Articles that the customers of an article bought as well.",
     "model, article, items, took_us"},
    {"GET", "/v1/recommendations/trending", view_recommend_trending, trending_params, 60,
     "recommend", "Articles whose sales of the last week lie most above the weeks before.",
     "model, items, took_us"},
    {"GET", "/v1/recommendations/segments/{id}", view_recommend_segment, segment_articles_params,
     60, "segment", "What the customers of a segment buy of late, and how much more than all do.",
     "model, segment, name, items (score, share, lift), took_us"},
    {"GET", "/v1/articles/{id}", view_article_one, article_params, 60, "recommend",
     "An article, those like it, bought with it, and the others of its product.",
     "model, article, similar, bought_together, variants, took_us"},
    {"GET", "/v1/search", view_search_articles, search_params, 60, "recommend",
     "Articles by words and what they mean, with reasons.", "model, q, by, note, items, took_us"},
    {"GET", "/v1/segments", view_segments, segments_params, 60, "segment",
     "Sizes and profiles of all segments, or one part of the page.",
     "schema, as_of, customers, totals, method, verdict, methods, segments; or the part's members"},
    {"GET", "/v1/segments/grid", view_grid, grid_params, 60, "segment",
     "RFM cells and names by cut points of one's own, and how the measures spread.",
     "cuts, cells (r, f, m, name, customers, revenue, mean_spend), names, spread"},
    {"GET", "/v1/segments/users/{id}", view_segment_user, segment_user_params, 0, "segment",
     "Segments, RFM scores and expected value of a customer.",
     "customer_id, known, rfm, cluster, segments, outlier, value, alive"},
    {"GET", "/v1/segments/{id}", view_segment_one, segment_params, 60, "segment",
     "The passport of a segment: rule, traits, categories, value, where customers come and go.",
     "as_of, id, method, index, name, customers, rule, traits, categories, migration, survival"},
    {"GET", "/v1/segments/{id}/members", view_segment_members, members_params, 0, "segment",
     "The customers of a segment, a page at a time.", "id, members, total"},
    {"GET", "/v1/segments/{id}/members.csv", view_segment_csv, segment_params, 0, "segment",
     "All customers of a segment as a table.", "text/csv; charset=utf-8"},
    {"GET", "/v1/forecasts", view_forecast_list, list_params, 60, "forecast",
     "Series that have a forecast, with its sum.", "series, total"},
    {"GET", "/v1/forecasts/{series}", view_forecast_one, series_params, 60, "forecast",
     "Weekly forecast of a series with an 80 % interval, and its past.",
     "series, level, name, category, model, weeks, mean, low, high, history"},
    {"GET", "/v1/alerts", view_alerts, alert_params, 60, "forecast",
     "What forecast and stock oblige a buyer to do, by the money at stake.",
     "as_of, assumed, articles, counted, note, types, total, found, alerts"},
    {"GET", "/v1/funnel", view_funnel, funnel_params, 60, "behaviour",
     "View, click, cart, purchase: counts and rates, for all or one slice.",
     "definition, steps, all, by, kpis, trend"},
    {"POST", "/v1/funnel", view_funnel_any, funnel_any_params, 0, "behaviour",
     "A funnel of any steps, order and window over the event log, with its definition.",
     "definition, hash, spec, steps, all (counts, step_rates, overall, medians, histogram), by, "
     "trend, events, took_us"},
    {"GET", "/v1/paths", view_paths, paths_params_of, 60, "behaviour",
     "Where sessions go from step to step, and what comes before a goal.",
     "definition, users, sessions, paths, events, steps, moves, sequences, conversion, took_us"},
    {"GET", "/v1/funnel/events", view_funnel_events, NULL, 60, "behaviour",
     "What a funnel can be made of: names of events, what they can be split by.",
     "events, visitors, sessions, names, category, channel, platform"},
    {"GET", "/v1/trends", view_trends, trends_params, 60, "insight",
     "Rising and declining articles or categories; what moved revenue, attributes, odd days.",
     "as_of, definition, definitions, rising, declining, or the part"},
    {"GET", "/v1/elasticity", view_elasticity, NULL, 60, "insight",
     "How units answer to price, by category.", "all, categories"},
    {"GET", "/v1/prices", view_prices, prices_params, 60, "insight",
     "Elasticities of articles, and whether they can be trusted; without a wish the whole page.",
     "as_of, all, articles, total; whole: definitions, categories, checks too"},
    {"GET", "/v1/prices/plan", view_prices_plan, plan_params, 60, "insight",
     "When to cut a price and how deep, over stock and weeks, against holding today's.",
     "cut, price, money, units and left with bands, gain, weeks"},
    {"GET", "/v1/sales", view_sales, sales_params, 60, "insight",
     "Key figures by day, week or month, of all and by group; days of the calendar, and why "
     "revenue moved.",
     "as_of, from, kpis, definitions, absent, grain, by, total, groups, calendar, lifecycle, "
     "revenue"},
    {"GET", "/v1/products", view_products, products_params, 60, "insight",
     "Articles by class, steadiness and launch, a page at a time, with concentration and curve.",
     "as_of, from, definitions, cuts, concentration, matrix, moves, curve, total, articles"},
    {"GET", "/v1/products/{id}", view_product, product_params, 60, "insight",
     "An article's weeks, classes, launch, elasticity, row of the funnel and alerts.",
     "as_of, definitions, article, product, curve, elasticity, funnel, alerts"},
    {"GET", "/v1/products/{id}/impact", view_impact, impact_params, 60, "insight",
     "What an event did to an article: its weeks against a blend of its siblings.",
     "as_of, article, category, from, weeks_before, weeks_after, refused, siblings, level, miss, "
     "better, sold, without, effect (ratio, low, high, p), gain (units, low, high), weeks (day, "
     "treated, control), control (item, weight), took_us"},
    {"GET", "/v1/data", view_data, NULL, 60, "shop",
     "What the run took from each file, what it set aside and why, profiles, freshness.",
     "as_of, files, unused, mapping, quarantine, freshness, profiles"},
    {"GET", "/v1/runs", view_runs, runs_params, 0, "shop",
     "The kept runs: when, how long, windows, figures, whether they were published.",
     "total, serving, runs (id, started, seconds, published, refused, serving, days, steps, "
     "families)"},
    {"GET", "/v1/runs/{id}", view_run, run_params, 0, "shop",
     "A kept run with every model's metrics, parts, learning curves and calibration.",
     "run, evaluation"},
    {"GET", "/v1/runs/{id}/compare", view_run_compare, compare_params, 0, "shop",
     "A run beside another, family by family, with paired intervals.",
     "before, after, families (name, metric, before, after, difference, low, high, units, verdict, "
     "why, metrics, parts)"},
    {"GET", "/v1/baskets", view_baskets, baskets_params, 60, "insight",
     "Pairs that orders hold more often than by chance, or what to show beside an article.",
     "as_of, definition, definitions, baskets, baskets_over_cap, articles, pairs, types; of an "
     "article: article, orders, items (share, shrunk, low, high)"},
    {"GET", "/v1/insights", view_insights, NULL, 60, "insight",
     "What to look at first: at most eight cards with evidence, chart and confidence.",
     "as_of, definitions, candidates, cards (id, page, open, sentence, money, confidence, "
     "evidence, chart)"},
    {"GET", "/v1/weekly", view_weekly, NULL, 60, "insight",
     "The week as one page to read, print or send.", "text/html; charset=utf-8"},
    {"GET", "/v1/reviews", view_reviews, NULL, 60, "language", "What reviews say.",
     "language.json of the run"},
    {"POST", "/v1/sentiment", view_sentiment_text, opinion_params, 0, "language",
     "What a text says: opinion, aspects with evidence, language, and whether it insults.",
     "model, head, note, texts, took_us"},
    {"GET", "/v1/reviews/topics", view_review_topics, NULL, 60, "language",
     "What reviews are about: topics with words, quotes and shares.", "topics.json of the run"},
    {"GET", "/v1/reviews/aspects", view_review_aspects, NULL, 60, "language",
     "Fit, fabric, size and the like, by category: liked or not.", "aspects.json of the run"},
    {"GET", "/v1/reviews/toxicity", view_review_toxicity, NULL, 60, "language",
     "Reviews that somebody should look at, worst first.", "toxicity.json of the run"},
    {"GET", "/v1/reviews/trends", view_review_trends, NULL, 60, "language",
     "Shares by month with change points; reviews whose stars and words disagree.",
     "reviews.json of the run"},
    {"GET", "/v1/reviews/quotes", view_review_quotes, quotes_params, 60, "language",
     "What customers wrote, by aspect, topic or sentiment.", "quotes"},
    {"GET", "/v1/reviews/articles/{id}", view_review_article, article_params, 60, "language",
     "What the reviews of an article say.",
     "article, reviews, rating, positive_share, low, high, aspects, size, quotes"},
    {"GET", "/healthz/live", view_live, NULL, 0, "server", "200 as long as the process answers.",
     "status"},
    {"GET", "/healthz/ready", view_ready, NULL, 0, "server",
     "200 when a bundle is served; 503 while stopping.", "status, version"},
    {"GET", "/metrics", view_metrics, NULL, 0, "server", "Counters for Prometheus.",
     "text/plain; version=0.0.4; charset=utf-8"},
    {"GET", "/openapi.json", view_openapi, NULL, 60, "server", "This API as OpenAPI 3.1.",
     "openapi, info, paths, components"},
    {"GET", "/docs", view_docs, NULL, 60, "server", "This API as a page to try.",
     "text/html; charset=utf-8"},
    {"GET", "/docs/script.js", view_docs_script, NULL, 60, "server", "Script of the page.",
     "text/javascript; charset=utf-8"},
    {"GET", "/docs/style.css", view_docs_style, NULL, 60, "server", "Style of the page.",
     "text/css; charset=utf-8"},
};
const int routes_count = sizeof routes / sizeof routes[0];

const char *routes_type(const route *r) {
    return strchr(r->answer, '/') ? r->answer : "application/json";
}

/* The next segment of a path that begins with '/'; moves *path behind it. */
static slice next_part(slice *path) {
    slice rest = {path->p + 1, path->n - 1};
    const char *slash = memchr(rest.p, '/', rest.n);
    slice part = {rest.p, slash ? (size_t)(slash - rest.p) : rest.n};
    *path = (slice){rest.p + part.n, rest.n - part.n};
    return part;
}

static bool is_rest(const route *r, int parts) {
    return r->params && r->params[parts].name && r->params[parts].place == PARAM_REST;
}

static bool matches(const route *r, slice path, slice parts[PARAMS_MOST]) {
    slice template = slice_of(r->path);
    int n = 0;
    while (template.n > 0 && path.n > 0) {
        slice rest = {path.p + 1, path.n - 1};
        slice want = next_part(&template), got = next_part(&path);
        if (want.n == 0 || want.p[0] != '{') {
            if (slice_compare(want, got) != 0) return false;
            continue;
        }
        if (is_rest(r, n)) got = rest, path.n = 0;
        if (got.n == 0) return false;
        parts[n++] = got;
    }
    return template.n == 0 && path.n == 0;
}

int routes_find(slice method, slice path, slice parts[PARAMS_MOST], bool *allowed) {
    int found = -1;
    if (slice_is(method, "HEAD")) method = SLICE("GET");
    *allowed = false;
    for (int i = 0; i < routes_count && !*allowed; i++) {
        if (found >= 0 && strcmp(routes[i].path, routes[found].path) != 0) break;
        if (!matches(&routes[i], path, parts)) continue;
        *allowed = slice_is(method, routes[i].method);
        found = i;
    }
    return found;
}

bool routes_has(const char *path, const char *method) {
    for (int i = 0; i < routes_count; i++)
        if (strcmp(routes[i].path, path) == 0 && strcmp(routes[i].method, method) == 0) return true;
    return false;
}

const char *routes_nearest(slice path, arena *keep) {
    const char *names[sizeof routes / sizeof routes[0]];
    if (path.n > 200) return NULL;
    for (int i = 0; i < routes_count; i++) {
        slice template = slice_of(routes[i].path), asked = path;
        names[i] = "";
        while (template.n > 0) {
            slice want = next_part(&template);
            slice got = asked.n > 0 ? next_part(&asked) : (slice){"", 0};
            bool fill = want.n > 0 && want.p[0] == '{' && got.n > 0;
            slice use = fill ? got : want;
            names[i] = arena_text(keep, "%s/%.*s", names[i], (int)use.n, use.p);
        }
    }
    return slice_nearest(path, names, routes_count);
}

slice routes_example(const param *p, const bundle *b, arena *keep) {
    const char *word = p->example;
    if (!word) return (slice){"", 0};
    if (strcmp(word, "@customer") == 0)
        return b->customers > 0 ? bundle_text(&b->customer_id, 0) : SLICE("1");
    if (strcmp(word, "@article") == 0)
        return b->articles > 0 ? bundle_text(&b->article_id, 0) : SLICE("1");
    if (strcmp(word, "@segment") == 0)
        return b->segment.n_methods > 0 && b->segment.methods[0].ids.n > 0
                   ? bundle_text(&b->segment.methods[0].ids, 0)
                   : SLICE("rfm-champions");
    if (strcmp(word, "@events") == 0) return SLICE("[]");
    if (strcmp(word, "@category") == 0) return b->n_categories > 0 ? b->categories[0] : SLICE("");
    if (strcmp(word, "@series") != 0) return slice_of(word);
    const bundle_forecast *f = &b->forecast;
    if (!f->has || f->n == 0 || bundle_series(b, SLICE("total"), SLICE("total")) >= 0)
        return SLICE("total");
    slice level = bundle_text(&f->level, 0), name = bundle_text(&f->series, 0);
    return slice_of(arena_text(keep, "%.*s/%.*s", (int)level.n, level.p, (int)name.n, name.p));
}

/* A path segment, or for PARAM_REST several: there the slash stays. */
static void add_encoded(text *to, arena *keep, slice value, bool keep_slash) {
    while (value.n > 0) {
        const char *slash = keep_slash ? memchr(value.p, '/', value.n) : NULL;
        slice part = {value.p, slash ? (size_t)(slash - value.p) : value.n};
        text_add(to, params_encode(keep, part));
        value = (slice){value.p + part.n, value.n - part.n};
        if (value.n > 0) text_add_char(to, '/'), value.p++, value.n--;
    }
}

/* Members of an example body, as JSON. */
static void add_members(js *j, const route *r, const bundle *b, arena *keep) {
    for (const param *p = r->params; p && p->name; p++) {
        if (p->place != PARAM_BODY || !p->example) continue;
        slice value = routes_example(p, b, keep);
        if (p->kind == PARAM_EVENTS) {
            js_array(j, p->name);
            js_object(j, NULL);
            js_put_text(j, "article", b->articles > 0 ? bundle_text(&b->article_id, 0)
                                                      : SLICE("1"));
            js_put_word(j, "event", "view");
            js_end(j);
            js_end(j);
        } else if (p->kind == PARAM_TEXTS) {
            js_array(j, p->name);
            js_put_text(j, NULL, value);
            js_end(j);
        } else if (p->kind == PARAM_INT || p->kind == PARAM_REAL) {
            js_put_raw(j, p->name, value);
        } else {
            js_put_text(j, p->name, value);
        }
    }
}

char *routes_example_body(const route *r, const bundle *b, arena *keep) {
    if (strcmp(r->method, "POST") != 0) return NULL;
    js j = {.first = true};
    js_object(&j, NULL);
    add_members(&j, r, b, keep);
    js_end(&j);
    char *body = slice_copy(keep, text_slice(&j.out));
    text_free(&j.out);
    return body;
}

char *routes_example_path(const route *r, const bundle *b, arena *keep) {
    text out = {0};
    int n = 0;
    for (slice path = slice_of(r->path); path.n > 0;) {
        slice part = next_part(&path);
        text_add_char(&out, '/');
        if (part.n == 0 || part.p[0] != '{') {
            text_add(&out, part);
            continue;
        }
        const param *p = &r->params[n++];
        add_encoded(&out, keep, routes_example(p, b, keep), p->place == PARAM_REST);
    }
    char mark = '?';
    for (const param *p = r->params; p && p->name; p++) {
        if (p->place != PARAM_QUERY || !p->example) continue;
        slice value = routes_example(p, b, keep);
        if (value.n == 0) continue;
        text_addf(&out, "%c%s=", mark, p->name);
        add_encoded(&out, keep, value, false);
        mark = '&';
    }
    char *path = slice_copy(keep, text_slice(&out));
    text_free(&out);
    return path;
}
