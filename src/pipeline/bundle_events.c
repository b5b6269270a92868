/* bundle_events: events.atm opened: the event log by visitor and by session. */
#include "pipeline/bundle_arrays.h"

const char *const bundle_event_words[BUNDLE_EVENT_WORDS] = {"event", "category", "channel",
                                                            "platform"};
const char *const bundle_event_units[BUNDLE_EVENT_UNITS] = {"visitor", "session"};

static const int64_t micros_a_day = INT64_C(86400) * 1000000;

/* Time never falls within a unit, so its first and last event say where the log begins and ends. */
static bool check_times(bundle_event_log *l, const char *unit, err *e) {
    if (l->n) l->start = l->end = l->time[0];
    for (int64_t u = 0; u < l->units; u++) {
        int64_t from = l->at[u], end = l->at[u + 1];
        for (int64_t i = from + 1; i < end; i++) {
            if (l->time[i] < l->time[i - 1])
                return fail(e, "array %s.time falls at event %lld", unit, (long long)i);
            if (l->time[i] == l->time[i - 1]) bitmap_set(&l->tied, u);
        }
        if (from < end && l->time[from] < l->start) l->start = l->time[from];
        if (from < end && l->time[end - 1] > l->end) l->end = l->time[end - 1];
    }
    if (l->start < BUNDLE_DAYS_FROM * micros_a_day || l->end >= BUNDLE_DAYS_TO * micros_a_day)
        return fail(e, "array %s.time leaves the years 1 to 9999", unit);
    return true;
}

static bool open_log(bundle_event_log *l, const store *m, const char *unit, arena *keep, err *e) {
    int64_t rows, cols;
    const char *name = arena_text(keep, "%s.at", unit);
    if (!store_get(m, name, STORE_I64, &rows, &cols) || rows < 1)
        return fail(e, "array %s is missing", name);
    l->units = rows - 1;
    if (!bundle_get_column(m, name, STORE_I64, rows, &l->at, e)) return false;
    l->n = l->at[l->units];
    if (!bundle_rows(name, l->at, l->units, l->n, e) ||
        !bundle_get_column(m, arena_text(keep, "%s.time", unit), STORE_I64, l->n, &l->time, e))
        return false;
    for (int i = 0; i < BUNDLE_EVENT_WORDS; i++) {
        name = arena_text(keep, "%s.%s", unit, bundle_event_words[i]);
        if (!bundle_get_texts(m, name, -1, &l->names[i], e) ||
            !bundle_get_column(m, name, STORE_U8, l->n, &l->code[i], e) ||
            !bundle_within_u8(name, l->code[i], l->n, l->names[i].n, e))
            return false;
        if (l->names[i].n > BUNDLE_EVENT_NAMES)
            return fail(e, "texts %s: %lld, expected at most %d", name, (long long)l->names[i].n,
                        BUNDLE_EVENT_NAMES);
    }
    l->tied = bitmap_open(l->units, keep);
    return check_times(l, unit, e);
}

bool bundle_open_events(bundle *b, const store *m, err *e) {
    bundle_events *to = &b->events;
    for (int u = 0; u < BUNDLE_EVENT_UNITS; u++)
        if (!open_log(&to->log[u], m, bundle_event_units[u], &b->memory.keep, e)) return false;
    if (!bundle_get_column(m, "session.visitor", STORE_I32, to->log[BUNDLE_BY_SESSION].units,
                           &to->visitor, e))
        return false;
    const bundle_event_log *l = &to->log[0];
    to->start = l->start;
    to->end = l->end;
    to->has = l->n > 0;
    return true;
}
