/* event_tokens: the event names of a table that was read, numbered from the commonest on. */
#include "surfaces/event_tokens.h"

#include <string.h>

#include "data/event_names.h"

bool event_tokens_read(event_tokens *out, bench *b, int64_t most, scope *s, err *e) {
    columns c;
    if (!db_runf(b->d, e,
                 "CREATE TABLE names AS SELECT event, CAST(least(%lld, row_number() OVER (ORDER BY "
                 "n DESC, event) - 1) AS INTEGER) AS token, n FROM (SELECT event, count(*) AS n "
                 "FROM raw_events GROUP BY event)", (long long)most - 1) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT token, min(event) AS event, count(*) AS kinds, CAST(sum(n) AS BIGINT) AS "
                  "n FROM names GROUP BY token ORDER BY token"))
        return false;
    *out = (event_tokens){(int)c.rows, take(&s->keep, const char *, c.rows), columns_i64(&c, "n")};
    for (int64_t i = 0; i < c.rows; i++)
        out->name[i] = columns_i64(&c, "kinds")[i] > 1
                           ? "(other)" : slice_copy(&s->keep, columns_text(&c, "event")[i]);
    return true;
}

int event_tokens_find(const event_tokens *t, const char *said) {
    for (int i = 0; i < t->n; i++) {
        const char *usual = event_name(slice_of(t->name[i]));
        if (strcmp(t->name[i], said) == 0 || (usual && strcmp(usual, said) == 0)) return i;
    }
    return -1;
}
