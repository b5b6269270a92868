/* view_recommend: lists for a customer: as stored, by what she bought, by what she does now. */
#include <string.h>
#include <time.h>

#include "surfaces/shown.h"
#include "surfaces/view_segment.h"

static const char no_recommendations[] =
    "this bundle has no recommendations: the shop had no purchases or events to learn from";

/* ---- what both answers say of the customer ---- */

static void put_customer(view *v, int64_t customer, slice asked) {
    const bundle *b = v->b;
    const bundle_recommend *r = &b->recommend;
    js_put_text(v->j, "customer_id",
                customer < 0 ? asked : bundle_text(&b->customer_id, customer));
    js_put_text(v->j, "segment",
                customer < 0 ? SLICE("new") : bundle_text(&r->segments, r->segment[customer]));
}

/* The last articles bought, each once, the latest first (of one day: the larger number). */
static void put_history(view *v, int64_t customer) {
    enum { LAST = 10 };
    const bundle_log *h = &v->b->recommend.history;
    int64_t top[LAST];
    int n = 0;
    for (int64_t i = customer < 0 ? 0 : h->at[customer];
         customer >= 0 && i < h->at[customer + 1]; i++) {
        if (i + 1 < h->at[customer + 1] && h->item[i + 1] == h->item[i]) continue; /* again later */
        if (n == LAST && h->day[i] < h->day[top[n - 1]]) continue;
        int at = n < LAST ? n++ : n - 1;
        for (; at > 0 && h->day[top[at - 1]] <= h->day[i]; at--) top[at] = top[at - 1];
        top[at] = i;
    }
    js_array(v->j, "history");
    for (int i = 0; i < n; i++) {
        int32_t article = h->item[top[i]];
        js_object(v->j, NULL);
        js_put_text(v->j, "id", bundle_text(&v->b->article_id, article));
        js_put_text(v->j, "name", bundle_text(&v->b->article_name, article));
        js_put_text(v->j, "category", v->b->categories[v->b->category[article]]);
        view_day(v->j, "day", h->day[top[i]]);
        js_end(v->j);
    }
    js_end(v->j);
}

/* One line for the log of exposures: what was shown, and with which propensity. */
static void log_exposure(view *v, const shown *x, slice customer, const char *served_by) {
    if (!v->log) return;
    js j = {.first = true};
    js_object(&j, NULL);
    js_put_int(&j, "time", (int64_t)time(NULL));
    js_put_word(&j, "request_id", v->request_id);
    js_put_text(&j, "version", (slice){x->b->version.hex, 12});
    js_put_text(&j, "customer", customer);
    js_put_word(&j, "served_by", served_by);
    js_put_bool(&j, "explore", x->w->explore);
    js_array(&j, "items");
    for (int64_t at = x->w->offset; at < x->n && at < x->w->offset + x->w->k; at++) {
        const shown_item *i = &x->item[at];
        js_object(&j, NULL);
        js_put_text(&j, "id", bundle_text(&x->b->article_id, i->article));
        js_put_int(&j, "rank", at + 1);
        js_put_real(&j, "score", (double)i->score + (double)i->moved);
        js_put_real(&j, "propensity", i->propensity > 0 ? i->propensity : 1);
        js_end(&j);
    }
    js_end(&j);
    js_end(&j);
    exposures_add(v->log, text_slice(&j.out));
    text_free(&j.out);
}

/* ---- a customer ---- */

enum { USER_ID, USER_WISH, USER_SEGMENT = USER_WISH + WISH_COUNT };

/* The segment that the request names. */
typedef struct named {
    int method;
    int64_t index, row; /* row: of bundle_bought; -1 = none is named, or it is not asked */
} named;

/* 200, or the status of a refusal. It is asked only for whom no purchase is known. */
static int read_segment(view *v, bool cold, named *to) {
    const param_value *p = &v->values[USER_SEGMENT];
    *to = (named){.row = -1};
    if (!p->given) return 200;
    to->index = bundle_segment_find(v->b, p->text, &to->method);
    if (to->index < 0)
        return view_mistake(v, &(param_mistake){
            .type = "enum", .place = "query", .name = "segment", .input = p->text,
            .message = "Input should be a segment of this shop; GET /v1/segments has their ids"});
    if (!cold) return 200;
    to->row = view_segment_bought(v, to->method, to->index);
    return to->row < 0 ? (int)-to->row : 200;
}

static void put_named(view *v, const named *of) {
    const bundle_method *m = &v->b->segment.methods[of->method];
    js_object(v->j, "by_segment");
    js_put_text(v->j, "id", bundle_text(&m->ids, of->index));
    js_put_text(v->j, "name", bundle_text(&m->names, of->index));
    js_end(v->j);
}

/* The stored list, then what her purchases say live, then what sells. */
static void gather(shown *x, arena scratch) {
    const bundle *b = x->b;
    if (x->customer >= 0) shown_add_stored(x);
    if (x->n == x->most) return;
    live_profile *p = take(&scratch, live_profile, 1);
    live_item *items = take(&scratch, live_item, 2 * LIVE_WIDTH);
    if (x->customer >= 0) live_add_history(b, x->customer, p);
    shown_add_live(x, items, live_rank(b, p, &x->w->filter, 2 * LIVE_WIDTH, items, scratch));
    shown_fill(x);
}

int view_recommend_user(view *v) {
    const bundle *b = v->b;
    const bundle_recommend *r = &b->recommend;
    if (!r->has) return view_missing(v, "%s", no_recommendations);
    slice asked = v->values[USER_ID].text;
    int64_t customer = bundle_customer(b, asked);
    bool cold = customer < 0 || r->cold[customer];
    named of;
    int status = read_segment(v, cold, &of);
    if (status != 200) return status;
    wish w = wish_read(v->values + USER_WISH, slice_of(v->request_id));
    shown x = shown_open(b, &w, customer, shown_needed(&w), v->keep);
    if (of.row >= 0) shown_add_segment(&x, of.row), shown_fill(&x);
    else gather(&x, v->scratch);
    shown_arrange(&x, &(shown_session){0}, v->scratch);
    slice by = of.row >= 0    ? SLICE("segment")
               : customer < 0 ? SLICE("popularity")
                              : bundle_text(&r->models, r->model[customer]);
    metrics_recommendation(v->counts, cold);
    view_model(v, "recommend");
    js_put_text(v->j, "served_by", by);
    js_put_bool(v->j, "cold_start", cold);
    put_customer(v, customer, asked);
    if (of.row >= 0) put_named(v, &of);
    put_history(v, customer);
    shown_put(v, &x);
    log_exposure(v, &x, asked,
                 of.row >= 0 ? "segment" : customer < 0 ? "popularity" : "stored");
    return 200;
}

/* ---- a session ---- */

enum { SESSION_EVENTS, SESSION_CUSTOMER, SESSION_WISH };
enum { EVENTS_MOST = 200 };

static const struct {
    const char *word;
    float strength; /* how much more an event says than a view */
} events[] = {{"view", 1}, {"click", 1}, {"cart_add", 3}, {"purchase", 4}};

typedef struct session {
    int n, unknown;
    int32_t article[EVENTS_MOST];
    float strength[EVENTS_MOST];
    slice time[EVENTS_MOST];
} session;

static int event_of(slice word) {
    for (int i = 0; i < (int)(sizeof events / sizeof events[0]); i++)
        if (slice_is(word, events[i].word)) return i;
    return -1;
}

/* One event into the session, ordered by its time where both have one; NULL, or the member that is
 * wrong. */
static const char *read_event(view *v, const js_node *node, session *to) {
    slice id, word, time = {0};
    int64_t number;
    if (js_int(js_get(node, "article"), &number))
        id = slice_of(arena_text(v->keep, "%lld", (long long)number));
    else if (!js_text(js_get(node, "article"), &id)) return "article";
    if (!js_text(js_get(node, "event"), &word) || event_of(word) < 0) return "event";
    if (js_get(node, "time") && !js_text(js_get(node, "time"), &time)) return "time";
    int64_t article = bundle_article(v->b, id);
    to->unknown += article < 0;
    if (article < 0) return NULL;
    int at = to->n++;
    for (; at > 0 && time.n > 0 && to->time[at - 1].n > 0 &&
           slice_compare(time, to->time[at - 1]) < 0; at--) {
        to->article[at] = to->article[at - 1];
        to->strength[at] = to->strength[at - 1];
        to->time[at] = to->time[at - 1];
    }
    to->article[at] = (int32_t)article;
    to->strength[at] = events[event_of(word)].strength;
    to->time[at] = time;
    return NULL;
}

static int wrong_events(view *v, const char *type, const char *message, int64_t index,
                        const char *member) {
    return view_mistake(v, &(param_mistake){.type = type, .place = "body", .name = "events",
                                            .message = message, .index = index,
                                            .member = member});
}

/* 200, or the status of a refusal. Later events count more: each earlier one a tenth less. */
static int read_session(view *v, session *to) {
    const js_node *list = v->values[SESSION_EVENTS].node;
    if (!list) return wrong_events(v, "missing", "Field required", 0, NULL);
    if (!js_is_array(list))
        return wrong_events(v, "list_type", "Input should be a valid list", 0, NULL);
    if (js_count(list) > EVENTS_MOST)
        return wrong_events(v, "too_long", "List should have at most 200 items", 0, NULL);
    for (int64_t i = 0; i < js_count(list); i++) {
        const char *wrong =
            js_is_object(js_at(list, i)) ? read_event(v, js_at(list, i), to) : "";
        if (!wrong) continue;
        if (strcmp(wrong, "event") == 0)
            return wrong_events(v, "literal_error", "Input should be 'view', 'click', 'cart_add' "
                                                    "or 'purchase'", i, wrong);
        return wrong_events(v, *wrong ? "string_type" : "dict_type",
                            *wrong ? "Input should be a valid string"
                                   : "Input should be an object with article and event", i, wrong);
    }
    float fade = 1;
    for (int i = to->n - 1; i >= 0; i--, fade *= 0.9f) to->strength[i] *= fade;
    return 200;
}

/* What the session says, beside what the customer's own list says. */
static void gather_session(shown *x, const session *s, arena scratch) {
    const bundle *b = x->b;
    live_profile *p = take(&scratch, live_profile, 1);
    live_item *items = take(&scratch, live_item, 2 * LIVE_WIDTH);
    for (int i = s->n - 1; i >= 0; i--) live_add(p, s->article[i], s->strength[i]);
    if (x->customer >= 0) live_add_history(b, x->customer, p);
    int n = live_rank(b, p, &x->w->filter, 2 * LIVE_WIDTH, items, scratch);
    shown_add_live(x, items, n);
    /* a tenth: more of the usual costs what the visit says, see docs/reranking.md */
    if (x->customer >= 0) shown_mix_stored(x, n > 0 ? 0.1f * items[0].score : 0.1f);
    shown_fill(x);
}

int view_recommend_session(view *v) {
    const bundle *b = v->b;
    const bundle_recommend *r = &b->recommend;
    if (!r->has) return view_missing(v, "%s", no_recommendations);
    session *s = take(v->keep, session, 1);
    int status = read_session(v, s);
    if (status != 200) return status;
    slice asked = v->values[SESSION_CUSTOMER].text;
    int64_t customer = asked.n > 0 ? bundle_customer(b, asked) : -1;
    wish w = wish_read(v->values + SESSION_WISH, slice_of(v->request_id));
    int64_t most = shown_needed(&w) + (s->n > 0 ? 2 * LIVE_WIDTH + r->k : 0);
    shown x = shown_open(b, &w, customer, most, v->keep);
    if (s->n > 0) { /* what is looked at already needs no showing */
        x.skip = s->article, x.skips = s->n;
        gather_session(&x, s, v->scratch);
    } else {
        gather(&x, v->scratch);
    }
    shown_arrange(&x, &(shown_session){s->n, s->article, s->strength}, v->scratch);
    bool cold = s->n == 0 && (customer < 0 || r->cold[customer]);
    const char *by = s->n > 0 ? "session" : customer < 0 ? "popularity" : "stored";
    metrics_recommendation(v->counts, cold);
    view_model(v, "recommend");
    js_put_word(v->j, "served_by", by);
    js_put_bool(v->j, "cold_start", cold);
    put_customer(v, customer, asked);
    js_put_int(v->j, "events_known", s->n);
    js_put_int(v->j, "events_unknown", s->unknown);
    put_history(v, customer);
    shown_put(v, &x);
    log_exposure(v, &x, asked, by);
    return 200;
}
