/* behaviour_left: what separates those who left the shop's funnel, and what it says of articles. */
#include "pipeline/behaviour.h"
#include "pipeline/funnel_articles.h"
#include "pipeline/funnel_why.h"

static const char *const features[] = {"event", "channel", "platform", "category", "hour", "day",
                                       "session starts with", "customer", "age", "orders before"};

/* Orders: days on which the customer had bought by the day before the event. */
static char *events_of(const char *unit, arena *keep) {
    return arena_text(keep,
        "SELECT %s AS unit, f.time, f.event, f.price, f.channel, f.platform, f.category, "
        FUNNEL_WHY_HOUR " AS hour, " FUNNEL_WHY_DAY " AS day, f.\"session starts with\", "
        "CASE WHEN f.customer IS NULL THEN 'guest' ELSE 'known' END AS customer, "
        "CASE WHEN c.age < 25 THEN 'under 25' WHEN c.age < 35 THEN '25 to 34' WHEN c.age < 50 "
        "THEN '35 to 49' WHEN c.age >= 50 THEN '50 and over' END AS age, "
        "CASE WHEN f.customer IS NULL THEN NULL WHEN o.orders IS NULL THEN 'none' "
        "WHEN o.orders = 1 THEN '1' WHEN o.orders < 5 THEN '2 to 4' ELSE '5 and more' END "
        "AS \"orders before\" "
        "FROM (SELECT *, first_value(event) OVER (PARTITION BY session ORDER BY seq) AS "
        "\"session starts with\" FROM f_events WHERE time IS NOT NULL) f "
        "LEFT JOIN customers c ON c.customer = f.customer "
        "ASOF LEFT JOIN (SELECT customer, day, row_number() OVER (PARTITION BY customer ORDER BY "
        "day) AS orders FROM (SELECT DISTINCT customer, day FROM transactions WHERE quantity > 0)) "
        "o ON o.customer = f.customer AND o.day < CAST(f.time AS DATE)", unit);
}

static const char *unit_of(const behaviour_funnel *b, behaviour_unit unit, arena *keep) {
    if (unit == BEHAVIOUR_VISITOR) return "f.visitor";
    if (unit == BEHAVIOUR_SESSION) return "f.session";
    return arena_text(keep, "CAST(f.visitor AS BIGINT) * %lld + f.article",
                      (long long)b->articles);
}

bool behaviour_why(js *j, work *w, const behaviour_funnel *b, const funnel_spec *spec,
                   behaviour_unit unit, scope *s, err *e) {
    funnel_log log;
    funnel_why why;
    const char *source = events_of(unit_of(b, unit, &s->keep), &s->keep);
    if (!funnel_log_read_all(&log, w->d, spec, source, features,
                             sizeof features / sizeof *features, &s->keep, e))
        return false;
    funnel_why_find(&why, &log, spec, w->threads, s);
    funnel_why_put(j, &why, spec);
    return true;
}

bool behaviour_articles(js *j, work *w, const behaviour_funnel *b, const funnel_spec *spec,
                        const funnel_log *log, const funnel_outcome *o, scope *s, err *e) {
    funnel_articles f;
    const char *source = arena_text(&s->keep,
        "SELECT %s AS unit, b.article_id AS article, b.name, coalesce(f.price, b.price) AS price "
        "FROM f_events f JOIN b_articles b ON b.article = f.article",
        unit_of(b, BEHAVIOUR_PAIR, &s->keep));
    if (!funnel_articles_find(&f, spec, log, o, w->d, source, s, e)) return false;
    js_object(j, "each");
    funnel_articles_put(j, &f, s);
    js_end(j);
    return true;
}
