/* segment_history: what scores and P(alive) are reckoned from, customer by customer. */
#include "pipeline/segment_history.h"

#include <math.h>

static double *measures_of(const segment_present *p, int64_t customers, scope *s) {
    const rfm_data *r = &p->b.rfm;
    double *out = take(&s->keep, double, customers * 3);
    for (int64_t i = 0; i < customers * 3; i++) out[i] = (double)NAN;
    for (int64_t i = 0; i < p->b.n; i++) {
        double *own = out + 3 * (int64_t)p->b.customer[i];
        own[0] = r->recency[i];
        own[1] = r->frequency[i];
        own[2] = r->money[i];
    }
    return out;
}

bool segment_history_put(const segment_present *p, store_writer *out, work *w, int64_t customers,
                         scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT DISTINCT customer, CAST(day - DATE '1970-01-01' AS INTEGER) AS day "
                  "FROM transactions WHERE customer IS NOT NULL AND quantity > 0 "
                  "AND day < DATE '%s' ORDER BY customer, day", day_text(&s->keep, w->days.end)))
        return false;
    const int32_t *customer = columns_i32(&c, "customer");
    int64_t *at = take(&s->keep, int64_t, customers + 1);
    for (int64_t i = 0; i < c.rows; i++) at[customer[i] + 1]++;
    for (int64_t i = 0; i < customers; i++) at[i + 1] += at[i];
    return store_put(out, "measures", STORE_F64, customers, 3, measures_of(p, customers, s), e) &&
           store_put(out, "days_at", STORE_I64, customers + 1, 1, at, e) &&
           store_put(out, "days", STORE_I32, c.rows, 1, columns_i32(&c, "day"), e);
}
