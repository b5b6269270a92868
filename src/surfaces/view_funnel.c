/* view_funnel: the funnel of the run, whole or by a value, and funnels of any spec over the log. */
#include <string.h>
#include <strings.h>

#include "pipeline/events_file.h"
#include "surfaces/funnel_say.h"
#include "surfaces/funnel_words.h"
#include "surfaces/view.h"

/* ---- the funnel of the run ---- */

static bool same_text(slice a, slice b) {
    return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* The entry of by.DIMENSION whose value is `wanted`; NULL when there is none. */
static const js_node *find_entry(const js_node *funnel, const char *dimension, slice wanted) {
    const js_node *entries = js_get(js_get(funnel, "by"), dimension);
    for (int64_t i = 0; i < js_count(entries); i++) {
        slice value;
        if (js_text(js_get(js_at(entries, i), "value"), &value) && same_text(value, wanted))
            return js_at(entries, i);
    }
    return NULL;
}

static int no_such_value(view *v, const char *dimension, slice input) {
    const js_node *entries = js_get(js_get(v->b->pages[BUNDLE_FUNNEL].root, "by"), dimension);
    const char *known = "";
    for (int64_t i = 0; i < js_count(entries) && i < 20; i++) {
        slice value;
        if (js_text(js_get(js_at(entries, i), "value"), &value))
            known = arena_text(v->keep, "%s%s'%.*s'", known, i ? ", " : "", (int)value.n, value.p);
    }
    return view_mistake(v, &(param_mistake){
        "enum", "query", dimension,
        *known ? arena_text(v->keep, "Input should be one of %s", known)
               : arena_text(v->keep, "Input should be absent: the funnel is not split by %s",
                            dimension), NULL, input});
}

int view_funnel(view *v) {
    static const char *const dimensions[] = {"category", "channel", "platform"};
    const js_node *funnel = v->b->pages[BUNDLE_FUNNEL].root;
    int chosen = -1;
    for (int i = 0; i < 3; i++) {
        if (!v->values[i].given) continue;
        if (chosen >= 0)
            return view_mistake(v, &(param_mistake){
                "value_error", "query", dimensions[i],
                "Value error, the funnel is split by one of category, channel and platform at a "
                "time", NULL, v->values[i].text});
        chosen = i;
    }
    if (chosen < 0 || !funnel) return view_page(v, BUNDLE_FUNNEL);
    const js_node *entry = find_entry(funnel, dimensions[chosen], v->values[chosen].text);
    if (!entry) return no_such_value(v, dimensions[chosen], v->values[chosen].text);
    static const char *const shared[] = {"schema", "definition", "hash", "steps", "missing"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (js_get(funnel, shared[i])) js_put_node(v->j, shared[i], js_get(funnel, shared[i]));
    js_object(v->j, "filter");
    js_put_node(v->j, dimensions[chosen], js_get(entry, "value"));
    js_end(v->j);
    js_put_node(v->j, "all", entry);
    return 200;
}

/* ---- any funnel ---- */

enum { STEPS, GAPS, OPTIONAL, EXCLUDE, WINDOW, ORDER, TIES, UNIT, COUNT, BY, TREND, CURVE };
enum { THREADS = 2, NO_TREND = 0, BY_DAY = 1 };

static int refused(view *v, const char *name, const char *why) {
    return view_mistake(v, &(param_mistake){
        "value_error", "body", name, arena_text(v->keep, "Value error, %s", why), NULL,
        {0}});
}

/* A list of texts of the body; false with *status when it is none. */
static bool take_list(view *v, int at, const char *name, funnel_list *to, int *status) {
    const js_node *list = v->values[at].node;
    if (!list) return true;
    if (!js_is_array(list) || js_count(list) > FUNNEL_STEPS)
        return *status = refused(v, name, "it is a list of at most 16 texts"), false;
    for (int64_t i = 0; i < js_count(list); i++) {
        slice word;
        if (!js_text(js_at(list, i), &word))
            return *status = refused(v, name, "it is a list of texts"), false;
        to->word[to->n++] = slice_copy(v->keep, slice_trim(word));
    }
    return true;
}

/* Without steps: those of the usual four that the log has. */
static void usual_steps(const bundle_events *b, int unit, funnel_list *to) {
    static const char *const usual[] = {"view", "click", "cart_add", "purchase"};
    const bundle_texts *names = &b->log[unit].names[BUNDLE_EVENT_NAME];
    for (int k = 0; k < 4; k++)
        for (int64_t i = 0; i < names->n; i++)
            if (slice_is(bundle_text(names, i), usual[k])) to->word[to->n++] = usual[k];
}

static bool read_spec(view *v, funnel_spec *spec, scope *s, int *status) {
    static const char *const ties[] = {"climb", "strictly_after"}, *const counts[] = {"units",
                                                                                      "attempts"};
    const param_value *p = v->values;
    err e = {0};
    funnel_words w = {.mark = "", .window = slice_copy(v->keep, p[WINDOW].text),
                      .order = funnel_order_words[p[ORDER].number], .ties = ties[p[TIES].number],
                      .count = counts[p[COUNT].number],
                      .unit = bundle_event_units[p[UNIT].number]};
    if (!take_list(v, STEPS, "steps", &w.steps, status) ||
        !take_list(v, GAPS, "gaps", &w.gaps, status) ||
        !take_list(v, OPTIONAL, "optional", &w.optional, status) ||
        !take_list(v, EXCLUDE, "exclude", &w.exclude, status))
        return false;
    if (w.steps.n == 0) usual_steps(&v->b->events, (int)p[UNIT].number, &w.steps);
    return funnel_words_spec(&w, spec, s, &e) || (*status = refused(v, NULL, e.text), false);
}

static int answer(view *v, const funnel_spec *spec, pool *threads, scope *s) {
    const param_value *p = v->values;
    int by = p[BY].number < 0 ? -1 : (int)p[BY].number + BUNDLE_EVENT_CATEGORY;
    bool trend = p[TREND].number != NO_TREND;
    err e = {0};
    funnel_log log;
    funnel_outcome o;
    funnel_table all, grouped;
    if (!events_file_log(&log, &v->b->events, (int)p[UNIT].number, spec, by, &s->keep, &e))
        return refused(v, "steps", e.text);
    if (spec->attempts) funnel_attempts(&o, &log.events, &spec->p, threads, &s->keep);
    else funnel_run(&o, &log.events, &spec->p, threads, &s->keep);
    funnel_count(&all, &o, &log.events, NULL, 1, threads, &s->keep, s->scratch);
    if (by >= 0) {
        const int32_t *group = funnel_log_group(&log, 0, &o, threads, &s->keep);
        funnel_count(&grouped, &o, &log.events, group, log.by[0].values, threads, &s->keep,
                     s->scratch);
    }
    funnel_say_all(v->j, spec, &log, &o, &all, by >= 0 ? &grouped : NULL, p[CURVE].number != 0,
                   threads, s);
    if (trend)
        funnel_put_trend(v->j, &log, &o, &spec->p, p[TREND].number == BY_DAY ? 1 : 7, "from",
                         log.end, threads, s);
    js_put_int(v->j, "events", log.events.n);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}

/* Memory for a spec: outcomes, twice where exclusions are lifted, groups and a curve, of units or
 * of as many attempts as there may be; counts of groups, days or values, and of threads' parts. */
static bool open_room(scope *s, const view *v, const funnel_spec *spec) {
    const bundle_events *b = &v->b->events;
    const bundle_event_log *l = &b->log[v->values[UNIT].number];
    err e = {0};
    int64_t units = spec->attempts ? l->n : l->units;
    int64_t groups = BUNDLE_EVENT_NAMES + (b->end - b->start) / (INT64_C(86400) * 1000000) + 2;
    int64_t cell = (FUNNEL_BUCKETS + 1) * (int64_t)sizeof(int64_t);
    int64_t keep = units * (16 * spec->p.steps + 128) + groups * spec->p.steps * cell;
    return scope_open(s, (size_t)keep + (16 << 20), (size_t)units * 64 + (16 << 20), &e);
}

int view_funnel_any(view *v) {
    funnel_spec spec;
    scope words, s;
    err e = {0};
    int status = 503;
    if (!v->b->events.has)
        return view_missing(v, "this bundle has no event log; run step 10 again");
    if (!scope_open(&words, 1 << 20, 0, &e)) return 503;
    if (read_spec(v, &spec, &words, &status)) {
        pool *threads = pool_open(THREADS, 1 << 20, &e);
        if (threads && open_room(&s, v, &spec)) {
            status = answer(v, &spec, threads, &s);
            scope_close(&s);
        }
        if (threads) pool_close(threads);
    }
    scope_close(&words);
    return status;
}

/* What a spec can be made of. */
int view_funnel_events(view *v) {
    const bundle_events *b = &v->b->events;
    if (!b->has) return view_missing(v, "this bundle has no event log; run step 10 again");
    const bundle_event_log *l = &b->log[BUNDLE_BY_VISITOR];
    js_put_int(v->j, "events", l->n);
    js_put_int(v->j, "visitors", l->units);
    js_put_int(v->j, "sessions", b->log[BUNDLE_BY_SESSION].units);
    for (int w = 0; w < BUNDLE_EVENT_WORDS; w++) {
        js_array(v->j, w ? bundle_event_words[w] : "names");
        for (int64_t i = 0; i < l->names[w].n; i++)
            js_put_text(v->j, NULL, bundle_text(&l->names[w], i));
        js_end(v->j);
    }
    return 200;
}
