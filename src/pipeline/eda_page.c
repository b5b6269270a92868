/* eda_page: eda.html of step 05, from the small tables that the step made. */
#include "pipeline/eda_page.h"

#include <math.h>
#include <string.h>

#include "pipeline/chart.h"

typedef struct pen { /* what every section needs */
    const work *w;
    scope *s;
    page p;
} pen;

static bool ask(pen *q, columns *c, err *e, const char *sql) {
    return db_query(q->w->d, &q->s->keep, c, e, "%s", sql);
}

/* Any numeric column as double, NaN where there is no value. */
static double *reals(pen *q, const columns *c, const char *name) {
    const column *k = columns_find(c, name);
    double *out = take(&q->s->keep, double, c->rows + 1);
    for (int64_t i = 0; k && i < c->rows; i++)
        out[i] = !column_has(k, i)           ? NAN
                 : k->type == COLUMN_REAL    ? k->real[i]
                 : column_width(k->type) > 4 ? (double)k->i64[i]
                                             : k->i32[i];
    return out;
}

static long long count_of(pen *q, const char *sql) {
    int64_t n = 0;
    err ignored = {0};
    db_count(q->w->d, &n, &ignored, "%s", sql);
    return n;
}

/* ---- the shop ---- */

static bool glance(pen *q, err *e) {
    columns c;
    page_section(&q->p, "The shop at a glance");
    if (!ask(q, &c, e,
             "SELECT s.source AS source, count(f.src_file) AS files, "
             "coalesce(sum(f.seen), 0)::BIGINT AS rows_read, "
             "coalesce(sum(f.accepted), 0)::BIGINT AS read_well, any_value(k.n) AS clean_rows, "
             "any_value(k.first) AS first_day, any_value(k.last) AS last_day "
             "FROM (VALUES ('articles', 1), ('customers', 2), ('transactions', 3), ('reviews', 4), "
             "('events', 5), ('stock', 6)) AS s(source, place) "
             "LEFT JOIN files f ON f.source = s.source LEFT JOIN ("
             "SELECT 'articles' AS source, count(*) AS n, NULL::DATE AS first, NULL::DATE AS last "
             "FROM articles UNION ALL SELECT 'customers', count(*), NULL, NULL FROM customers "
             "UNION ALL SELECT 'transactions', count(*), min(day), max(day) FROM transactions "
             "UNION ALL SELECT 'reviews', count(*), min(day), max(day) FROM reviews "
             "UNION ALL SELECT 'events', count(*), min(day), max(day) FROM events "
             "UNION ALL SELECT 'stock', count(*), min(day), max(day) FROM stock) AS k "
             "ON k.source = s.source GROUP BY s.source, s.place ORDER BY s.place"))
        return false;
    page_columns(&q->p, "Sources", &c);
    if (!ask(q, &c, e, "SELECT name, from_day, to_day AS before, "
                       "(to_day - from_day)::INTEGER AS days FROM windows ORDER BY from_day, name"))
        return false;
    page_columns(&q->p, "Windows: learn from train, choose on valid, judge once on test", &c);
    return true;
}

static const slice weekday_names[] = {{"Mon", 3}, {"Tue", 3}, {"Wed", 3}, {"Thu", 3},
                                      {"Fri", 3}, {"Sat", 3}, {"Sun", 3}};

static bool weekday_heat(pen *q, err *e) {
    static const slice months[] = {{"Jan", 3}, {"Feb", 3}, {"Mar", 3}, {"Apr", 3},
                                   {"May", 3}, {"Jun", 3}, {"Jul", 3}, {"Aug", 3},
                                   {"Sep", 3}, {"Oct", 3}, {"Nov", 3}, {"Dec", 3}};
    columns c;
    double grid[7 * 12], most = 0;
    if (!ask(q, &c, e, "SELECT month, weekday, units FROM weekdays ORDER BY month, weekday"))
        return false;
    for (int i = 0; i < 7 * 12; i++) grid[i] = NAN;
    double *units = reals(q, &c, "units");
    for (int64_t i = 0; i < c.rows; i++) {
        int32_t month = columns_i32(&c, "month")[i], day = columns_i32(&c, "weekday")[i];
        grid[day * 12 + month - 1] = units[i];
        if (units[i] > most) most = units[i];
    }
    chart look = {.title = "Mean units a day, by weekday and month", .wide = true,
                  .about = "How much sells on each day of the week in each month of the year."};
    chart_heat(&q->p, &look, weekday_names, 7, months, 12, grid, 0, most);
    return true;
}

static bool sales(pen *q, err *e) {
    columns c, d;
    page_section(&q->p, "Sales over time");
    if (!ask(q, &c, e, "SELECT week, units, revenue, avg_price FROM weekly_sales "
                       "WHERE level = 'total' ORDER BY week") ||
        !ask(q, &d, e, "SELECT day, units, customers FROM daily_sales ORDER BY day"))
        return false;
    if (c.rows == 0) {
        page_sentence(&q->p, "The shop has no sales.");
        return true;
    }
    chart look = {.title = "Units a week", .x_title = "week", .y_title = "units", .x_days = true,
                  .wide = true, .from_zero = true};
    double *week = reals(q, &c, "week"), *units = reals(q, &c, "units");
    chart_line(&q->p, &look, week, c.rows, &(chart_series){.name = "units", .y = units}, 1);
    look = (chart){.title = "Revenue a week", .x_title = "week", .y_title = "money",
                   .x_days = true, .from_zero = true};
    chart_line(&q->p, &look, week, c.rows,
               &(chart_series){.name = "revenue", .y = reals(q, &c, "revenue")}, 1);
    look = (chart){.title = "Mean price paid, by week", .x_title = "week", .y_title = "money",
                   .x_days = true};
    chart_line(&q->p, &look, week, c.rows,
               &(chart_series){.name = "price", .y = reals(q, &c, "avg_price")}, 1);
    look = (chart){.title = "Customers who bought, by day", .x_title = "day",
                   .y_title = "customers", .x_days = true, .from_zero = true, .wide = true};
    chart_line(&q->p, &look, reals(q, &d, "day"), d.rows,
               &(chart_series){.name = "customers", .y = reals(q, &d, "customers")}, 1);
    return weekday_heat(q, e);
}

/* ---- histograms ---- */

/* The bins of one name as a chart; nothing when there are none. */
static bool histogram(pen *q, const char *name, const chart *look, err *e) {
    columns c;
    enum { MOST = 64 };
    double counts[MOST] = {0};
    if (!db_query(q->w->d, &q->s->keep, &c, e,
                  "SELECT bin, low, width, n FROM histograms WHERE name = '%s' ORDER BY bin", name))
        return false;
    if (c.rows == 0) return true;
    int n = 0;
    for (int64_t i = 0; i < c.rows; i++) {
        int bin = columns_i32(&c, "bin")[i];
        if (bin < 0 || bin >= MOST) continue;
        counts[bin] = (double)columns_i64(&c, "n")[i];
        if (bin >= n) n = bin + 1;
    }
    double low = columns_real(&c, "low")[0], width = columns_real(&c, "width")[0];
    if (width == 1) low -= 0.5; /* the bar of a whole number stands over it */
    chart_histogram(&q->p, look, low, width, counts, n);
    return true;
}

static bool lorenz(pen *q, const char *kind, char **said, err *e) {
    columns c;
    if (!db_query(q->w->d, &q->s->keep, &c, e,
                  "SELECT share_of_kind, share_of_units FROM concentration WHERE kind = '%s' "
                  "ORDER BY place",
                  kind))
        return false;
    if (c.rows < 2) return true;
    double *x = take(&q->s->keep, double, c.rows + 1), *y = take(&q->s->keep, double, c.rows + 1);
    const double *part = columns_real(&c, "share_of_kind"),
                 *units = columns_real(&c, "share_of_units");
    double tenth = NAN, hundredth = NAN;
    for (int64_t i = 0; i < c.rows; i++) {
        x[i + 1] = part[i] * 100, y[i + 1] = units[i];
        if (isnan(hundredth) && part[i] >= 0.01 - 1e-12) hundredth = units[i];
        if (isnan(tenth) && part[i] >= 0.1 - 1e-12) tenth = units[i];
    }
    chart look = {.title = arena_text(&q->s->keep, "Share of units of the top %s", kind),
                  .x_title = arena_text(&q->s->keep, "%% of %s with units, most first", kind),
                  .y_title = "share of units", .percent = true, .from_zero = true};
    chart_line(&q->p, &look, x, c.rows + 1,
               (const chart_series[]){{.name = "all units", .y = y}}, 1);
    *said = arena_text(&q->s->keep,
                       "The top 1 %% of %s make up %.1f %% of all units, the top 10 %% %.1f %%.",
                       kind, hundredth * 100, tenth * 100);
    return true;
}

static bool tail(pen *q, err *e) {
    columns c;
    char *of_articles = NULL, *of_customers = NULL;
    page_section(&q->p, "Long tail");
    if (!lorenz(q, "articles", &of_articles, e) || !lorenz(q, "customers", &of_customers, e))
        return false;
    if (!ask(q, &c, e, "SELECT category, articles, sold, units, revenue FROM categories "
                       "ORDER BY units DESC, category LIMIT 20"))
        return false;
    chart look = {.title = "Units by category", .about = "The 20 categories that sell most.",
                  .x_title = "units, net of returns"};
    if (c.rows > 0)
        chart_bar(&q->p, &look, columns_text(&c, "category"), reals(q, &c, "units"), NULL, NULL,
                  (int)c.rows);
    look = (chart){.title = "Units an article sold", .x_title = "units", .y_title = "articles"};
    if (!histogram(q, "article_units", &look, e)) return false;
    if (of_articles) page_sentence(&q->p, "%s", of_articles);
    if (of_customers) page_sentence(&q->p, "%s", of_customers);
    page_columns(&q->p, "Categories that sell most", &c);
    return true;
}

static bool prices(pen *q, err *e) {
    page_section(&q->p, "Prices, baskets, customers");
    const struct {
        const char *name;
        chart look;
    } all[] = {
        {"price", {.title = "Price paid", .x_title = "price", .y_title = "lines"}},
        {"basket", {.title = "Units a customer buys on one day", .x_title = "units",
                    .y_title = "customer days"}},
        {"frequency", {.title = "Days with an order", .x_title = "days", .y_title = "customers"}},
        {"recency", {.title = "Days since the last order", .x_title = "days",
                     .y_title = "customers"}},
        {"age", {.title = "Age", .x_title = "years", .y_title = "customers"}},
        {"stock_on_hand", {.title = "Stock on hand", .x_title = "units", .y_title = "counts"}},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (!histogram(q, all[i].name, &all[i].look, e)) return false;
    page_sentence(&q->p, "Histograms run from the least value to the one that 199 of 200 do not "
                         "exceed.");
    return true;
}

/* ---- correlations ---- */

enum { MOST_FEATURES = 24 };

typedef struct moments {
    int n;
    const char *names[MOST_FEATURES];
    double rows, sum[MOST_FEATURES], product[MOST_FEATURES][MOST_FEATURES];
} moments;

/* Rows come in the order of customers, so that the sums do not depend on threads. */
static bool add_moments(void *what, const columns *chunk, err *e) {
    (void)e;
    moments *m = what;
    const double *x[MOST_FEATURES];
    for (int j = 0; j < m->n; j++) x[j] = columns_real(chunk, m->names[j]);
    for (int64_t i = 0; i < chunk->rows; i++)
        for (int j = 0; j < m->n; j++) {
            m->sum[j] += x[j][i];
            for (int k = 0; k <= j; k++) m->product[j][k] += x[j][i] * x[k][i];
        }
    m->rows += (double)chunk->rows;
    return true;
}

static double correlation(const moments *m, int j, int k) {
    int a = j > k ? j : k, b = j > k ? k : j;
    double n = m->rows, cov = m->product[a][b] / n - m->sum[a] / n * (m->sum[b] / n);
    double va = m->product[a][a] / n - m->sum[a] / n * (m->sum[a] / n);
    double vb = m->product[b][b] / n - m->sum[b] / n * (m->sum[b] / n);
    return va > 1e-12 && vb > 1e-12 ? cov / sqrt(va * vb) : NAN;
}

static bool correlations(pen *q, err *e) {
    columns c;
    moments *m = take(&q->s->keep, moments, 1);
    slice names[MOST_FEATURES];
    if (!ask(q, &c, e, "SELECT * FROM customer_features LIMIT 0")) return false;
    for (int i = 0; i < c.n && m->n < MOST_FEATURES; i++)
        if (strncmp(c.at[i].name, "f_", 2) == 0) {
            names[m->n] = slice_of(c.at[i].name + 2);
            m->names[m->n++] = c.at[i].name;
        }
    if (!db_each(q->w->d,
                 SLICE("SELECT * FROM customer_features WHERE as_of = "
                       "(SELECT max(as_of) FROM customer_features) ORDER BY customer"),
                 add_moments, m, e))
        return false;
    if (m->rows < 3) return true;
    double *grid = take(&q->s->keep, double, m->n * m->n);
    for (int j = 0; j < m->n; j++)
        for (int k = 0; k < m->n; k++) grid[j * m->n + k] = correlation(m, j, k);
    page_section(&q->p, "Correlations");
    chart look = {.title = "Correlation of customer features", .wide = true,
                  .about = "Pearson correlation over all customers: blue goes together, red goes "
                           "against each other."};
    chart_heat(&q->p, &look, names, m->n, names, m->n, grid, -1, 1);
    page_sentence(&q->p, "Pearson's, over %.0f customers as of the end; counts and money enter as "
                         "log(1 + x). An empty square: the feature is the same for everyone.",
                  m->rows);
    return true;
}

/* ---- reviews and events ---- */

static bool reviews(pen *q, err *e) {
    columns c;
    if (!ask(q, &c, e, "SELECT coalesce(rating || ' stars', 'no stars') AS stars, reviews, asked, "
                       "recommend, mean_length FROM ratings ORDER BY rating DESC"))
        return false;
    if (c.rows == 0) return true;
    page_section(&q->p, "Reviews");
    chart look = {.title = "Reviews by rating", .x_title = "reviews"};
    chart_bar(&q->p, &look, columns_text(&c, "stars"), reals(q, &c, "reviews"), NULL, NULL,
              (int)c.rows);
    look = (chart){.title = "Length of a review", .x_title = "characters", .y_title = "reviews"};
    if (!histogram(q, "review_length", &look, e)) return false;
    page_columns(&q->p, "Ratings: of those asked, how many recommend; mean length in characters",
                 &c);
    return true;
}

static bool events(pen *q, err *e) {
    columns c, h;
    if (!ask(q, &c, e, "SELECT event, events, visitors, sessions FROM event_counts "
                       "ORDER BY events DESC, event") ||
        !ask(q, &h, e, "SELECT weekday, hour, events FROM event_hours ORDER BY weekday, hour"))
        return false;
    if (c.rows == 0) return true;
    page_section(&q->p, "Events");
    chart look = {.title = "Events by name", .x_title = "events"};
    chart_bar(&q->p, &look, columns_text(&c, "event"), reals(q, &c, "events"), NULL, NULL,
              (int)c.rows);
    look = (chart){.title = "Events in a session", .x_title = "events", .y_title = "sessions"};
    if (!histogram(q, "session_events", &look, e)) return false;
    double grid[7 * 24] = {0}, most = 0;
    slice hours[24];
    for (int i = 0; i < 24; i++)
        hours[i] = slice_of(arena_text(&q->s->keep, "%02d", i));
    for (int64_t i = 0; i < h.rows; i++) {
        double n = (double)columns_i64(&h, "events")[i];
        grid[columns_i32(&h, "weekday")[i] * 24 + columns_i32(&h, "hour")[i]] = n;
        if (n > most) most = n;
    }
    look = (chart){.title = "Events by weekday and hour (UTC)", .wide = true};
    chart_heat(&q->p, &look, weekday_names, 7, hours, 24, grid, 0, most);
    page_columns(&q->p, "Events, and the visitors and sessions that had them", &c);
    return true;
}

/* ---- the tables ---- */

static bool profile_of(pen *q, const char *table, err *e) {
    columns c, m;
    long long rows = count_of(q, arena_text(&q->s->keep, "SELECT count(*) FROM %s", table));
    if (rows == 0) return true;
    if (!db_query(q->w->d, &q->s->keep, &c, e,
                  "SELECT column_name AS \"column\", lower(type) AS type, missing, "
                  "distinct_values, left(min, 40) AS min, left(median, 40) AS median, "
                  "left(max, 40) AS max, mean FROM profile WHERE table_name = '%s' "
                  "ORDER BY place",
                  table) ||
        !db_query(q->w->d, &q->s->keep, &m, e,
                  "SELECT column_name AS name, missing::DOUBLE / rows AS part FROM profile "
                  "WHERE table_name = '%s' AND missing > 0 AND column_name NOT LIKE 'src_%%' "
                  "ORDER BY part DESC, name",
                  table))
        return false;
    text said = {0};
    page_number_text(&said, (double)rows);
    page_heading(&q->p, arena_text(&q->s->keep, "%s: %s rows", table, said.p));
    text_free(&said);
    if (m.rows > 0) {
        chart look = {.title = arena_text(&q->s->keep, "Missing in %s", table), .percent = true,
                      .x_title = "share of rows without a value"};
        chart_bar(&q->p, &look, columns_text(&m, "name"), columns_real(&m, "part"), NULL, NULL,
                  (int)m.rows);
    }
    page_columns(&q->p, NULL, &c);
    return true;
}

static bool tables(pen *q, err *e) {
    static const char *const names[] = {"articles", "customers", "transactions",
                                        "reviews",  "events",    "stock"};
    page_section(&q->p, "Tables and their columns");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!profile_of(q, names[i], e)) return false;
    return true;
}

/* One table of a query under a caption; a sentence instead when it is empty. */
static bool listing(pen *q, const char *caption, const char *empty, const char *sql, err *e) {
    columns c;
    if (!ask(q, &c, e, sql)) return false;
    if (c.rows > 0) page_columns(&q->p, caption, &c);
    else page_sentence(&q->p, "%s", empty);
    return true;
}

static bool quality(pen *q, err *e) {
    page_section(&q->p, "Data quality");
    return listing(q, "What to know before trusting a table", "There is nothing to check.",
                   "SELECT table_name AS \"table\", finding, n AS rows, total AS of, "
                   "round(100.0 * n / total, 2)::DOUBLE AS percent FROM quality ORDER BY place",
                   e) &&
           listing(q, "Whose ids are these? Linked where at least half of the rows match",
                   "No source has ids of another.",
                   "SELECT source, key AS names, rows, matched, "
                   "CASE WHEN linked THEN 'linked' ELSE 'another catalogue: kept without the link' "
                   "END AS verdict FROM links ORDER BY source, key",
                   e) &&
           listing(q, "Rows set aside, by rule, with the first of each",
                   "No row was set aside.",
                   "SELECT f.path AS file, q.step, q.rule, count(*) AS rows, "
                   "min(q.src_line) AS first_line, "
                   "min_by(q.column_name, q.src_line) AS \"column\", "
                   "min_by(q.observed, q.src_line) AS observed, "
                   "min_by(q.expected, q.src_line) AS expected FROM ("
                   "SELECT 'raw' AS step, src_file, src_line, rule, column_name, observed, "
                   "expected FROM quarantine_raw UNION ALL "
                   "SELECT 'clean', src_file, src_line, rule, column_name, observed, expected "
                   "FROM quarantine_clean) AS q JOIN files f ON f.src_file = q.src_file "
                   "GROUP BY f.src_file, f.path, q.step, q.rule "
                   "ORDER BY f.src_file, q.step DESC, q.rule",
                   e);
}

static bool accounts(pen *q, err *e) {
    page_section(&q->p, "Accounting");
    page_sentence(&q->p, "In every line, rows seen = accepted + quarantined + merged + blank; a "
                         "run in which one line does not add up fails.");
    return listing(q, "Every file and step", "No file was read.",
                   "SELECT f.path AS file, f.source, a.step, a.seen, a.accepted, a.quarantined, "
                   "a.merged, a.blank FROM accounting a JOIN files f ON f.src_file = a.src_file "
                   "WHERE a.rule = 'all' ORDER BY a.src_file, a.step DESC",
                   e) &&
           listing(q, "Rules that set rows aside or merged them", "No rule found anything.",
                   "SELECT f.path AS file, a.rule, a.seen, a.accepted, a.quarantined, a.merged "
                   "FROM accounting a JOIN files f ON f.src_file = a.src_file WHERE a.step = "
                   "'clean' AND a.rule <> 'all' AND a.quarantined + a.merged > 0 "
                   "ORDER BY a.src_file, a.rule",
                   e) &&
           listing(q, "How headers were matched to columns", "No header was matched.",
                   "SELECT f.path AS file, m.header, m.column_name AS \"column\", m.how "
                   "FROM mapping m JOIN files f ON f.src_file = m.src_file "
                   "ORDER BY m.src_file, m.position",
                   e);
}

bool eda_page(const work *w, scope *s, slice *html, err *e) {
    pen *q = take(&s->keep, pen, 1);
    q->w = w;
    q->s = s;
    page_open(&q->p, s, "What the shop's data looks like",
              "Every table, its columns, its gaps, and what became of every row that was read.");
    if (!glance(q, e) || !sales(q, e) || !tail(q, e) || !prices(q, e) || !correlations(q, e) ||
        !reviews(q, e) || !events(q, e) || !tables(q, e) || !quality(q, e) || !accounts(q, e))
        return false;
    *html = page_close(&q->p);
    return true;
}
