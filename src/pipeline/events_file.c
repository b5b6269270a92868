/* events_file: the event log as the server reads it, and a funnel of any spec over it. */
#include "pipeline/events_file.h"

#include <string.h>

#include "data/store.h"

/* ---- writing ---- */

static bool put_codes(store_writer *to, const char *name, const int32_t *code, int64_t n,
                      scope *s, err *e) {
    uint8_t *bytes = take_raw(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++) bytes[i] = (uint8_t)code[i];
    return store_put(to, name, STORE_U8, n, 1, bytes, e);
}

/* Whose each session is. */
static bool put_visitors(store_writer *to, work *w, const funnel_log *log, scope *s, err *e) {
    columns c;
    if (!db_query(w->d, &s->keep, &c, e,
                  "SELECT session, min(visitor) AS visitor FROM f_events WHERE time IS NOT NULL "
                  "AND session IS NOT NULL GROUP BY session ORDER BY session"))
        return false;
    if (c.rows != log->events.units) return fail(e, "f_events changed while it was read");
    return store_put(to, "session.visitor", STORE_I32, c.rows, 1, columns_i32(&c, "visitor"), e);
}

static bool put_log(store_writer *to, work *w, const char *unit, scope *s, err *e) {
    /* in strict order a log keeps the events that serve no step: here none does */
    funnel_spec all = {.unit = unit, .step = {""}, .p = {.steps = 1, .order = FUNNEL_STRICT}};
    funnel_log log;
    const char *source = arena_text(&s->keep, "SELECT %s AS unit, time, event, category, channel, "
                                    "platform FROM f_events", unit);
    if (!funnel_log_read(&log, w->d, &all, source, bundle_event_words, BUNDLE_EVENT_WORDS,
                         &s->keep, e))
        return false;
    const funnel_events *v = &log.events;
    if (!store_put(to, arena_text(&s->keep, "%s.at", unit), STORE_I64, v->units + 1, 1, v->first,
                   e) ||
        !store_put(to, arena_text(&s->keep, "%s.time", unit), STORE_I64, v->n, 1, v->time, e) ||
        (strcmp(unit, "session") == 0 && !put_visitors(to, w, &log, s, e)))
        return false;
    for (int i = 0; i < BUNDLE_EVENT_WORDS; i++) {
        const char *name = arena_text(&s->keep, "%s.%s", unit, bundle_event_words[i]);
        if (!put_codes(to, name, log.by[i].code, v->n, s, e) ||
            !store_put_texts(to, name, log.by[i].value, log.by[i].values, e))
            return false;
    }
    return true;
}

bool events_file_write(work *w, folder *f, scope *s, err *e) {
    int64_t events;
    if (!db_count(w->d, &events, e, "SELECT count(*) FROM f_events WHERE time IS NOT NULL"))
        return false;
    if (events == 0) return true;
    store_writer *to = store_create(s, folder_path(f, "events.atm"), "events", e);
    const arena before = s->keep; /* each log is read anew and forgotten once it is written */
    for (int u = 0; to && u < BUNDLE_EVENT_UNITS; u++, s->keep = before)
        if (!put_log(to, w, bundle_event_units[u], s, e)) return false;
    return to && store_close(to, e);
}

/* ---- a spec's log ---- */

/* bits: [256] by code of the event, funnel_events.by_code */
static bool set_bits(const bundle_event_log *l, const char *word, uint32_t bit, uint32_t *bits,
                     arena *keep, err *e) {
    const bundle_texts *names = &l->names[BUNDLE_EVENT_NAME];
    const char *known[256], *list = "";
    for (int64_t i = 0; i < names->n; i++) {
        if (slice_is(bundle_text(names, i), word)) return bits[i] |= bit, true;
        known[i] = slice_copy(keep, bundle_text(names, i));
        list = arena_text(keep, "%s%s%s", list, i ? ", " : "", known[i]);
    }
    const char *near = slice_nearest(slice_of(word), known, (int)names->n);
    return refuse(e, "no event of the log is a '%s'%s%s%s It has %s", word,
                  near ? "; did you mean '" : ".", near ? near : "", near ? "'?" : "", list);
}

bool events_file_log(funnel_log *out, const bundle_events *b, int unit, const funnel_spec *spec,
                     int by, arena *keep, err *e) {
    const bundle_event_log *l = &b->log[unit];
    uint32_t *bits = take(keep, uint32_t, 256);
    for (int i = 0; i < spec->p.steps; i++)
        if (!set_bits(l, spec->step[i], 1u << i, bits, keep, e)) return false;
    for (int x = 0; x < spec->p.excludes; x++)
        if (!set_bits(l, spec->exclude[x], 1u << (FUNNEL_STEPS + x), bits, keep, e)) return false;
    *out = (funnel_log){.events = {l->units, l->n, l->at, l->time, NULL,
                                   l->code[BUNDLE_EVENT_NAME], bits, &l->tied},
                        .end = b->end, .from = l->start, .to = l->end, .by_n = by >= 0};
    if (by < 0) return true;
    out->by[0] = (funnel_by){.column = bundle_event_words[by], .values = (int)l->names[by].n,
                             .byte = l->code[by]};
    for (int i = 0; i < out->by[0].values; i++) out->by[0].value[i] = bundle_text(&l->names[by], i);
    return true;
}
