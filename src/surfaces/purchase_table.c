/* purchase_table: purchases (customer, date, money, quantity) as one history per customer. */
#include "surfaces/purchase_table.h"

#include <stdio.h>

static const contract_column purchase_columns[] = {
    {"customer", CONTRACT_TEXT, true,
     "customer_id|user_id|client_id|account_id|user|visitorid|cust"},
    {"date", CONTRACT_TIME, true,
     "t_dat|time|day|timestamp|invoice_date|order_date|purchase_date|created_at"},
    {"money", CONTRACT_REAL, false,
     "amount|price|revenue|total|sales|value|spend|unit_price|dollar_value|dollars"},
    {"quantity", CONTRACT_REAL, false, "qty|units|count"},
};
static const contract purchase_contract = {
    "purchases", sizeof purchase_columns / sizeof purchase_columns[0], purchase_columns};

static const contract_column summary_columns[] = {
    {"customer", CONTRACT_TEXT, false, "customer_id|user_id|client_id|id|user|cust"},
    {"frequency", CONTRACT_REAL, true, "x", .low = 0, .high = 1e9},
    {"recency", CONTRACT_REAL, true, "t_x|tx", .low = 0, .high = 1e9},
    {"T", CONTRACT_REAL, true, "age|t_cal", .low = 0, .high = 1e9},
    {"monetary", CONTRACT_REAL, false, "monetary_value|money|m|m_x|mean_money"},
};
static const contract summary_contract = {
    "histories", sizeof summary_columns / sizeof summary_columns[0], summary_columns};

enum { FAR = 365, RARE = 1000 }; /* days; one row in so many */

bool purchase_table_slips(bench *b, scope *s, const char *table, const char *date, int64_t *slips,
                          err *e) {
    columns c;
    *slips = 0;
    if (!db_query(b->d, &s->keep, &c, e,
                  "SELECT CAST(CAST(%s AS DATE) - DATE '1970-01-01' AS BIGINT) AS day, "
                  "count(*) AS n FROM %s GROUP BY 1 ORDER BY 1", date, table))
        return false;
    const int64_t *day = columns_i64(&c, "day"), *n = columns_i64(&c, "n");
    int64_t all = 0, from = 0, to = c.rows - 1, seen = 0;
    for (int64_t i = 0; i < c.rows; i++) all += n[i];
    for (int64_t i = 0; i + 1 < c.rows && (seen += n[i]) <= all / RARE; i++)
        if (day[i + 1] - day[i] > FAR) from = i + 1, *slips = seen;
    int64_t early = *slips;
    seen = 0;
    for (int64_t i = c.rows - 1; i > from && (seen += n[i]) <= all / RARE; i--)
        if (day[i] - day[i - 1] > FAR) to = i - 1, *slips = early + seen;
    if (*slips == 0) return true;
    const char *first = day_text(&s->keep, (int32_t)day[from]);
    const char *last = day_text(&s->keep, (int32_t)day[to]);
    fprintf(stderr, "%lld rows lie more than a year before %s or after %s, far off all others, and "
                    "are left out\n", (long long)*slips, first, last);
    return db_runf(b->d, e, "DELETE FROM %s WHERE CAST(%s AS DATE) < DATE '%s' OR "
                            "CAST(%s AS DATE) > DATE '%s'", table, date, first, date, last);
}

/* One row per customer and day with a purchase; what is no purchase is counted. */
static bool merge_days(bench *b, scope *s, purchase_table *t, const char *path, err *e) {
    columns c;
    if (!db_runf(b->d, e,
                 "CREATE TABLE parts AS SELECT customer, CAST(date AS DATE) AS day, "
                 "CAST(money AS DECIMAL(18,6)) * CAST(coalesce(quantity, 1) AS DECIMAL(18,6)) "
                 "AS paid, coalesce(quantity, 1) > 0 AND coalesce(money, 0) >= 0 AS bought "
                 "FROM purchases") ||
        !purchase_table_slips(b, s, "parts", "day", &t->slips, e) ||
        !db_runf(b->d, e,
                 "CREATE TABLE days AS SELECT customer, day, coalesce(sum(paid) FILTER (bought), "
                 "0) AS money, count(*) FILTER (bought) > 0 AS bought, coalesce(sum(paid) FILTER "
                 "(NOT bought AND paid < 0), 0) AS returned FROM parts GROUP BY customer, day") ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT count(*) FILTER (NOT bought AND paid < 0) AS returns, count(*) FILTER "
                  "(NOT bought AND NOT coalesce(paid < 0, false)) AS neither, "
                  "count(paid) > 0 AS has_money, "
                  "CAST(min(day) FILTER (bought) - DATE '1970-01-01' AS BIGINT) AS first, "
                  "CAST(max(day) FILTER (bought) - DATE '1970-01-01' AS BIGINT) AS last, "
                  "CAST(-coalesce(sum(paid) FILTER (NOT bought AND paid < 0), 0) AS DOUBLE) AS "
                  "returned, CAST(coalesce(sum(paid) FILTER (bought), 0) AS DOUBLE) AS spent "
                  "FROM parts"))
        return false;
    const column *first = columns_find(&c, "first");
    if (!column_has(first, 0))
        return refuse(e, "%s: no row has a quantity above 0 and money of 0 or more: there are no "
                         "purchases",
                      path);
    t->has_money = columns_i32(&c, "has_money")[0];
    t->returns = columns_i64(&c, "returns")[0];
    t->neither = columns_i64(&c, "neither")[0];
    t->first = (int32_t)first->i64[0];
    t->last = (int32_t)columns_i64(&c, "last")[0];
    double spent = columns_real(&c, "spent")[0];
    t->returned = spent > 0 ? columns_real(&c, "returned")[0] / spent : 0;
    return true;
}

bool purchase_table_read(const args *a, bench *b, scope *s, double unit, purchase_table *t,
                         js *out, err *e) {
    const char *path = args_text(a, "in"), *map = args_text(a, "map");
    slice *headers;
    int n;
    *t = (purchase_table){.unit = unit};
    if (!table_headers(b->d, path, s, &headers, &n, e)) return false;
    t->summary = contract_fit(&summary_contract, headers, n, map) >= 3 &&
                 contract_fit(&purchase_contract, headers, n, map) < 0;
    if (!t->summary)
        return verb_read(a, b, &purchase_contract, "purchases", out, e) &&
               merge_days(b, s, t, path, e);
    int64_t money;
    if (!verb_read(a, b, &summary_contract, "histories", out, e) ||
        !db_count(b->d, &money, e, "SELECT count(monetary) FROM histories"))
        return false;
    t->has_money = money > 0;
    return true;
}

/* The columns of a query by their names. */
static void take_columns(const columns *c, bool later, scope *s, purchase_histories *h) {
    *h = (purchase_histories){.n = c->rows,
                              .customer = columns_text(c, "customer"),
                              .x = columns_real(c, "x"),
                              .t = columns_real(c, "t"),
                              .T = columns_real(c, "T_all"),
                              .m = columns_real(c, "m")};
    h->later = later ? columns_real(c, "later") : take(&s->keep, double, c->rows);
    h->later_money = later ? columns_real(c, "later_money") : take(&s->keep, double, c->rows);
}

bool purchase_table_at(bench *b, scope *s, const purchase_table *t, int32_t end,
                       purchase_histories *h, err *e) {
    columns c;
    if (t->summary) {
        if (!db_query(b->d, &s->keep, &c, e,
                      "SELECT coalesce(customer, CAST(src_line - 1 AS VARCHAR)) AS customer, "
                      "frequency AS x, recency AS t, \"T\" AS T_all, coalesce(monetary, 0) AS m "
                      "FROM histories ORDER BY src_line"))
            return false;
        take_columns(&c, false, s, h);
        return true;
    }
    const char *day = day_text(&s->keep, end);
    if (!db_query(b->d, &s->keep, &c, e,
                  "WITH f AS (SELECT customer, min(day) AS first FROM days WHERE bought GROUP BY "
                  "customer), k AS (SELECT d.customer, f.first, d.day <= DATE '%s' AS known, d.* "
                  "EXCLUDE (customer) FROM days d JOIN f USING (customer) WHERE f.first <= DATE "
                  "'%s'), g AS (SELECT customer, min(first) AS first, "
                  "count(*) FILTER (bought AND known) - 1 AS x, "
                  "max(day) FILTER (bought AND known) AS latest, "
                  "CAST(coalesce(sum(money) FILTER (bought AND known), 0) AS DOUBLE) AS spent, "
                  "CAST(coalesce(sum(money) FILTER (bought AND known AND day > first), 0) AS "
                  "DOUBLE) AS again, "
                  "CAST(coalesce(sum(returned) FILTER (known), 0) AS DOUBLE) AS returned, "
                  "count(*) FILTER (bought AND NOT known) AS later, "
                  "CAST(coalesce(sum(money + returned) FILTER (NOT known), 0) AS DOUBLE) AS "
                  "later_money FROM k GROUP BY customer) "
                  "SELECT customer, CAST(x AS DOUBLE) AS x, "
                  "(latest - first) / CAST(%.17g AS DOUBLE) AS t, "
                  "(DATE '%s' - first) / CAST(%.17g AS DOUBLE) AS T_all, "
                  "CASE WHEN x > 0 AND spent > 0 THEN again / x * greatest(0, 1 + returned / "
                  "spent) ELSE 0 END AS m, CAST(later AS DOUBLE) AS later, later_money "
                  "FROM g ORDER BY customer",
                  day, day, t->unit, day, t->unit))
        return false;
    take_columns(&c, true, s, h);
    return db_count(b->d, &h->unknown, e,
                    "SELECT count(*) FROM (SELECT customer FROM days WHERE bought GROUP BY "
                    "customer HAVING min(day) > DATE '%s')", day);
}

bool purchase_table_later(bench *b, scope *s, const purchase_table *t, int32_t end, double *to,
                          int64_t units, err *e) {
    columns c;
    const char *day = day_text(&s->keep, end);
    if (!db_query(b->d, &s->keep, &c, e,
                  "WITH f AS (SELECT customer, min(day) AS first FROM days WHERE bought GROUP BY "
                  "customer) SELECT CAST(floor((day - DATE '%s' - 1) / "
                  "CAST(%.17g AS DOUBLE)) AS BIGINT) AS unit, count(*) AS n "
                  "FROM days JOIN f USING (customer) WHERE bought AND day > DATE '%s' "
                  "AND first <= DATE '%s' GROUP BY 1 ORDER BY 1",
                  day, t->unit, day, day))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        int64_t unit = columns_i64(&c, "unit")[i];
        if (unit < units) to[unit] += (double)columns_i64(&c, "n")[i];
    }
    return true;
}
