/* session: what comes next in a session, from the sessions that resemble it (VMIS-kNN). */
#include "models/recommend/session.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "models/recommend/neighbours.h"

const char *session_check(session_params p) {
    if (p.recent < 1 || p.recent > 100000) return "session: recent must be 1..100000";
    if (p.k < 1 || p.k > p.recent) return "session: k must be 1..recent";
    if (p.last < 1 || p.last > 1000) return "session: last must be 1..1000";
    if (!(p.decay > 0 && p.decay <= 1)) return "session: decay must be above 0, at most 1";
    if (!(p.near > 0 && p.near <= 1)) return "session: near must be above 0, at most 1";
    if (!(p.length_power >= 0)) return "session: length_power must be >= 0";
    if (!(p.rarity >= 0)) return "session: rarity must be >= 0";
    return NULL;
}

/* The newest sessions of each item, and how rare it is. */
static void index_items(session_model *m, arena *keep, arena scratch) {
    int32_t *last = take(&scratch, int32_t, m->items); /* session counted last, plus 1 */
    int64_t *have = take(&scratch, int64_t, m->items);
    for (int64_t s = 0; s < m->sessions; s++)
        for (int64_t i = m->at[s]; i < m->at[s + 1]; i++)
            if (last[m->item[i]] != s + 1) {
                last[m->item[i]] = (int32_t)s + 1;
                have[m->item[i]]++;
            }
    m->item_at = take(keep, int64_t, m->items + 1);
    m->rarity = take(keep, float, m->items);
    for (int64_t i = 0; i < m->items; i++) {
        int64_t n = have[i] < m->p.recent ? have[i] : m->p.recent;
        m->item_at[i + 1] = m->item_at[i] + n;
        double share = have[i] > 0 ? (double)m->sessions / (double)have[i] : 0;
        m->rarity[i] = (float)pow(log1p(share), m->p.rarity);
        have[i] = m->item_at[i];
        last[i] = -1;
    }
    m->item_session = take(keep, int32_t, m->item_at[m->items]);
    for (int64_t s = m->sessions - 1; s >= 0; s--)
        for (int64_t i = m->at[s]; i < m->at[s + 1]; i++) {
            int32_t item = m->item[i];
            if (last[item] == s || have[item] == m->item_at[item + 1]) continue;
            last[item] = (int32_t)s;
            m->item_session[have[item]++] = (int32_t)s;
        }
}

bool session_fit(session_model *m, int64_t sessions, int64_t items, const int64_t *at,
                 const int32_t *item, session_params p, arena *keep, arena scratch, err *e) {
    const char *wrong = session_check(p);
    if (wrong) return refuse(e, "%s", wrong);
    *m = (session_model){.p = p, .sessions = sessions, .items = items,
                         .at = take_copy(keep, int64_t, at, sessions + 1)};
    m->item = take_copy(keep, int32_t, item, at[sessions]);
    index_items(m, keep, scratch);
    return true;
}

session_work session_work_open(const session_model *m, arena *keep) {
    return (session_work){0, take(keep, uint32_t, m->sessions), take(keep, uint32_t, m->items),
                          take(keep, int32_t, m->sessions), take(keep, int32_t, m->items)};
}

/* The number of each key met: by stamps where there is room for all keys, else in a hash table. */
typedef struct numbers {
    int32_t *number;
    uint32_t *stamp, now;
    int32_t *key; /* [mask + 1] key + 1, 0 = free; NULL = by stamps */
    uint32_t mask;
} numbers;

static numbers numbers_new(int64_t most, arena *scratch) {
    uint32_t size = 64;
    while (size < 2 * most) size *= 2;
    return (numbers){.number = take_raw(scratch, int32_t, size),
                     .key = take(scratch, int32_t, size), .mask = size - 1};
}

/* Where the key's number stands; *is_new when it is met for the first time. */
static int32_t *number_of(numbers *t, int32_t key, bool *is_new) {
    uint32_t at = (uint32_t)key;
    if (!t->key) {
        *is_new = t->stamp[at] != t->now;
        t->stamp[at] = t->now;
        return &t->number[at];
    }
    for (at = (at * 2654435769u >> 7) & t->mask; t->key[at] && t->key[at] != key + 1;)
        at = (at + 1) & t->mask;
    *is_new = t->key[at] == 0;
    t->key[at] = key + 1;
    return &t->number[at];
}

/* A new query: what older ones left in the slots is forgotten. */
static void begin(const session_model *m, session_work *w) {
    if (++w->stamp == 0) { /* 2^32 queries later the old stamps would come again */
        memset(w->session_stamp, 0, sizeof *w->session_stamp * (size_t)m->sessions);
        memset(w->item_stamp, 0, sizeof *w->item_stamp * (size_t)m->items);
        w->stamp = 1;
    }
}

typedef struct met {
    int32_t session, match; /* match: the newest item of the query that it has */
    int newest;             /* place of match in the query, 0 = newest */
    float r;
} met;

/* Sessions that share an item with the query, in the order in which they were met. */
static int meet(const session_model *m, int64_t n, const int32_t *items, int64_t self, met *all,
                numbers *of) {
    int met_n = 0;
    float weight = 1;
    for (int x = 0; x < m->p.last && x < n; x++, weight *= m->p.decay) {
        int32_t item = items[n - 1 - x];
        bool again = false;
        for (int y = 0; y < x && !again; y++) again = items[n - 1 - y] == item;
        for (int64_t i = m->item_at[item]; !again && i < m->item_at[item + 1]; i++) {
            int32_t s = m->item_session[i];
            if (s == self) continue;
            bool is_new;
            int32_t *number = number_of(of, s, &is_new);
            if (is_new) {
                *number = met_n;
                all[met_n++] = (met){s, item, x, 0};
            }
            all[*number].r += weight;
        }
    }
    return met_n;
}

/* True when a votes before b. */
static bool stronger(const met *a, const met *b) {
    return a->r > b->r || (a->r == b->r && a->session > b->session);
}
static bool newer(const met *a, const met *b) { return a->session > b->session; }

/* The `most` first of all[n] in the order `before`, to the front; a heap with the worst on top.
 * The order among them is total, so which are kept does not depend on where they stood. */
static int keep_first(met *all, int n, int most, bool (*before)(const met *, const met *)) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
        met one = all[i];
        int at;
        if (kept < most) {
            for (at = kept++; at > 0 && before(&all[(at - 1) / 2], &one); at = (at - 1) / 2)
                all[at] = all[(at - 1) / 2];
        } else if (before(&one, &all[0])) {
            at = 0;
            for (int child; (child = 2 * at + 1) < most; at = child) {
                if (child + 1 < most && before(&all[child], &all[child + 1])) child++;
                if (!before(&one, &all[child])) break;
                all[at] = all[child];
            }
        } else {
            continue;
        }
        all[at] = one;
    }
    return kept;
}

/* Strongest first, so that sums of votes are made in an order of their own. */
static void sort_strongest(met *all, int n) {
    for (int end = n; end > 1; end--) { /* all is a heap with the worst on top */
        met worst = all[0], one = all[end - 1];
        int at = 0;
        for (int child; (child = 2 * at + 1) < end - 1; at = child) {
            if (child + 1 < end - 1 && stronger(&all[child], &all[child + 1])) child++;
            if (!stronger(&one, &all[child])) break;
            all[at] = all[child];
        }
        all[at] = one;
        all[end - 1] = worst;
    }
}

typedef struct votes {
    int n;
    int32_t *item;
    float *score;
} votes;

/* The last place of the match in the session. */
static int64_t place_of(const session_model *m, const met *one) {
    int64_t at = m->at[one->session + 1] - 1;
    while (m->item[at] != one->match) at--;
    return at;
}

static void vote(const session_model *m, const met *one, votes *v, numbers *of) {
    int64_t first = m->at[one->session], end = m->at[one->session + 1], place = place_of(m, one);
    float weight = one->r * (1 - (float)one->newest / (float)m->p.last);
    if (m->p.length_power > 0) weight *= powf((float)(end - first), -m->p.length_power);
    for (int64_t i = first; i < end; i++) {
        int64_t apart = i > place ? i - place : place - i;
        if (apart == 0) continue;
        float score = m->p.near < 1 ? weight * powf(m->p.near, (float)(apart - 1)) : weight;
        int32_t item = m->item[i];
        bool is_new;
        int32_t *number = number_of(of, item, &is_new);
        if (is_new) {
            *number = v->n;
            v->item[v->n] = item;
            v->score[v->n++] = 0;
        }
        v->score[*number] += score;
    }
}

static bool skipped(const session_rule *rule, int32_t item) {
    if (rule->allowed && !rule->allowed[item]) return true;
    int64_t low = 0, high = rule->skips;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (rule->skip[middle] < item) low = middle + 1;
        else high = middle;
    }
    return low < rule->skips && rule->skip[low] == item;
}

int session_query(const session_model *m, int64_t n, const int32_t *items, session_rule rule,
                  int32_t *ids, float *scores, session_work *w, arena scratch) {
    assert(rule.k >= 1 && n >= 0);
    int64_t most = 0, touched = 0;
    for (int x = 0; x < m->p.last && x < n; x++)
        most += m->item_at[items[n - 1 - x] + 1] - m->item_at[items[n - 1 - x]];
    met *all = take(&scratch, met, most);
    if (w) begin(m, w);
    numbers of = w ? (numbers){.number = w->session_slot, .stamp = w->session_stamp,
                               .now = w->stamp}
                   : numbers_new(most, &scratch);
    int met_n = keep_first(all, meet(m, n, items, rule.self, all, &of), m->p.recent, newer);
    met_n = keep_first(all, met_n, m->p.k, stronger);
    sort_strongest(all, met_n);
    for (int i = 0; i < met_n; i++) touched += m->at[all[i].session + 1] - m->at[all[i].session];
    votes v = {0, take(&scratch, int32_t, touched), take(&scratch, float, touched)};
    of = w ? (numbers){.number = w->item_slot, .stamp = w->item_stamp, .now = w->stamp}
           : numbers_new(touched, &scratch);
    for (int i = 0; i < met_n; i++) vote(m, &all[i], &v, &of);
    neighbours_list list = {.k = rule.k, .ids = ids, .scores = scores};
    for (int i = 0; i < v.n; i++)
        if (!skipped(&rule, v.item[i]))
            neighbours_offer(&list, v.item[i], v.score[i] * m->rarity[v.item[i]]);
    neighbours_sort(&list);
    return list.n;
}
