/* funnel_quick: units whose events serve one step each, no two of them at one instant. */
#include "models/behaviour/funnel_quick.h"

#define INLINE static inline __attribute__((always_inline))

/* Times further out than FAR (18,000 years) are left to the plain pass, so that nothing below
 * overflows: a chain that began NEVER is out of any window, FOREVER holds all others. */
#define FAR     (INT64_C(1) << 59)
#define FOREVER (INT64_C(1) << 61)
#define NEVER   (-(INT64_C(1) << 62))

enum { MOST = 4096 }; /* events of a unit whose lists are kept */

/* serves: of the steps and exclusions that there are */
static inline uint8_t kind_of(uint32_t serves) {
    int bit = serves ? __builtin_ctz(serves) : QUICK_NONE;
    if (serves >> FUNNEL_STEPS) bit += QUICK_EXCLUDE - FUNNEL_STEPS;
    return (uint8_t)bit;
}

bool funnel_quick_open(funnel_quick *q, const funnel_events *v, const funnel_params *p) {
    *q = (funnel_quick){.v = v, .p = p, .window = p->window ? p->window : FOREVER};
    if (q->window > FOREVER) q->window = FOREVER;
    q->known = ((1u << p->steps) - 1) | ((1u << p->excludes) - 1) << FUNNEL_STEPS;
    q->rules = p->optional || p->excludes;
    for (int k = 0; k < QUICK_SLOTS; k++) {
        bool limited = k < p->steps && p->gap[k] && p->gap[k] < FOREVER;
        q->gap[k] = limited ? p->gap[k] : FOREVER;
        q->gaps |= limited;
        q->low[k] = k;
        while (k < p->steps && q->low[k] > 1 && p->optional >> (q->low[k] - 1) & 1) q->low[k]--;
    }
    for (int c = 0; c < 256 && !v->serves; c++) {
        uint32_t serves = v->by_code[c] & q->known;
        if (serves & (serves - 1)) return false;
        q->step[c] = kind_of(serves);
    }
    return true;
}

/* odd: whether the event serves several steps. */
INLINE int kind_at(const funnel_quick *q, int64_t event, const bool coded, bool *odd) {
    if (coded) return q->step[q->v->code[event]];
    uint32_t serves = q->v->serves[event] & q->known;
    if (!(serves & (serves - 1))) return kind_of(serves);
    *odd = true;
    return QUICK_NONE;
}

/* ---- loose ---- */

/* The newest chain whose last step is slot - 1: the time of its first event, its last event. */
typedef struct quick_walk {
    int64_t start[QUICK_SLOTS], last[QUICK_SLOTS];
    int32_t at[QUICK_SLOTS];
    int32_t from[MOST]; /* by event: the one before it in its chain */
} quick_walk;

/* Without a branch, which a compiler makes of the usual words. */
INLINE int64_t pick(bool which, int64_t a, int64_t b) { return b ^ ((a ^ b) & -(int64_t)which); }

/* The chain of the event that ends it with step k. */
INLINE void tell(const funnel_quick *q, const quick_walk *w, int64_t first, int32_t event, int k,
                 int64_t *chain, const bool coded, const bool optional) {
    bool odd;
    if (!optional) {
        for (; k >= 0; k--, event = w->from[event]) chain[k] = first + event;
        return;
    }
    for (int i = 0; i <= k; i++) chain[i] = -1;
    for (int i = k; i >= 0; event = w->from[event]) {
        i = kind_at(q, first + event, coded, &odd);
        chain[i] = first + event;
        if (i == 0) break;
    }
}

/* An exclusion ends the chains between its two steps. */
static void drop(const funnel_quick *q, quick_walk *w, int x) {
    for (int slot = q->p->exclude[x].from; slot < q->p->exclude[x].to; slot++)
        w->start[slot] = NEVER;
}

/* Of the slots that step k may go on from, the one whose chain began last, of equal ones the one
 * with more steps; -1: none. */
static int choose(const funnel_quick *q, const quick_walk *w, int k, int64_t t) {
    int best = -1;
    for (int slot = k; slot >= q->low[k]; slot--)
        if (t - w->start[slot] <= q->window && t - w->last[slot] <= q->gap[k] &&
            (best < 0 || w->start[slot] > w->start[best]))
            best = slot;
    return best;
}

INLINE bool climb(const funnel_quick *q, int64_t unit, int64_t *chain, uint8_t *level,
                  const bool coded, const bool gaps, const bool excludes, const bool optional) {
    int64_t first = q->v->first[unit], n = q->v->first[unit + 1] - first, before = NEVER;
    const int64_t *time = q->v->time + first;
    int steps = q->p->steps, top = 0;
    bool odd = false;
    quick_walk w;
    if (n > MOST) return false;
    if (n && (time[0] < -FAR || time[n - 1] > FAR)) return false; /* break: as far */
    for (int k = 0; k <= steps; k++) w.start[k] = w.last[k] = NEVER, w.at[k] = 0;
    w.start[QUICK_NONE] = w.last[QUICK_NONE] = NEVER, w.at[QUICK_NONE] = 0;
    for (int32_t i = 0; i < n; i++) {
        int64_t t = time[i];
        int k = kind_at(q, first + i, coded, &odd);
        odd |= (k != QUICK_NONE) & (t == before);
        before = k != QUICK_NONE ? t : before;
        if (excludes && k >= QUICK_EXCLUDE) {
            drop(q, &w, k - QUICK_EXCLUDE);
            continue;
        }
        int slot = optional && k && k < steps ? choose(q, &w, k, t) : k;
        if (optional && slot < 0) continue;
        w.start[0] = w.last[0] = t; /* what step 1 goes on from */
        int64_t start = w.start[slot];
        bool goes = t - start <= q->window;
        if (gaps) goes &= t - w.last[slot] <= q->gap[k];
        w.from[i] = w.at[slot];
        w.start[k + 1] = pick(goes, start, w.start[k + 1]);
        w.at[k + 1] = (int32_t)pick(goes, i, w.at[k + 1]);
        if (gaps) w.last[k + 1] = pick(goes, t, w.last[k + 1]);
        if ((k & -(int)goes) < top || !goes) continue;
        tell(q, &w, first, i, k, chain, coded, optional);
        if ((top = k + 1) < steps) continue;
        odd |= i + 1 < n && time[i + 1] == t; /* break: one more unit for the plain pass */
        break;
    }
    for (int k = top; k < steps; k++) chain[k] = -1;
    *level = (uint8_t)top;
    return !odd;
}

/* ---- strict ---- */

/* One chain at a time: what the event before it reached. */
INLINE bool follow_strictly(const funnel_quick *q, int64_t unit, int64_t *chain, uint8_t *level,
                            const bool coded) {
    int64_t first = q->v->first[unit], n = q->v->first[unit + 1] - first, before = NEVER;
    const int64_t *time = q->v->time + first;
    int64_t start = NEVER, ends = 0;
    int steps = q->p->steps, top = 0, reached = 0;
    bool odd = n && (time[0] < -FAR || time[n - 1] > FAR); /* break: as far */
    for (int64_t i = 0; i < n && !odd; i++) {
        int64_t t = time[i];
        int k = kind_at(q, first + i, coded, &odd);
        bool goes = (k == reached) & (t - start <= q->window) & (t - before <= q->gap[k]);
        odd |= t == before;
        start = k ? start : t;
        reached = k == 0 ? 1 : goes ? reached + 1 : 0;
        before = t;
        if (reached <= top) continue;
        top = reached, ends = first + i;
        if (top < steps) continue;
        odd |= i + 1 < n && time[i + 1] == t; /* break: one more unit for the plain pass */
        break;
    }
    for (int k = 0; k < steps; k++) chain[k] = k < top ? ends - top + 1 + k : -1;
    *level = (uint8_t)top;
    return !odd;
}

/* ---- any order ---- */

/* The newest events of the steps that are in the window ending at t, by time; returns how many. */
static int within(const funnel_quick *q, const int64_t *last, const int64_t *at, int64_t t, int top,
                  int64_t *chain) {
    int64_t found[FUNNEL_STEPS];
    int n = 0;
    for (int k = 0; k < q->p->steps; k++) {
        if (t - last[k] > q->window) continue;
        int i = n++;
        for (; i > 0 && found[i - 1] > at[k]; i--) found[i] = found[i - 1];
        found[i] = at[k];
    }
    for (int i = 0; i < n && n > top; i++) chain[i] = found[i];
    return n;
}

/* More steps are in the window than before only where the last of the event's step was not. */
INLINE bool gather(const funnel_quick *q, int64_t unit, int64_t *chain, uint8_t *level,
                   const bool coded) {
    int64_t from = q->v->first[unit], end = q->v->first[unit + 1], before = NEVER;
    const int64_t *time = q->v->time;
    int64_t last[QUICK_SLOTS], at[QUICK_SLOTS];
    int steps = q->p->steps, top = 0;
    bool odd = from < end && (time[from] < -FAR || time[end - 1] > FAR); /* break: as far */
    for (int k = 0; k < QUICK_SLOTS; k++) last[k] = NEVER;
    for (int64_t i = from; i < end && !odd; i++) {
        int64_t t = time[i];
        int k = kind_at(q, i, coded, &odd);
        int64_t seen = last[k];
        odd |= (k != QUICK_NONE) & (t == before);
        before = k != QUICK_NONE ? t : before;
        last[k] = t, at[k] = i;
        if (t - seen <= q->window || k == QUICK_NONE) continue;
        int n = within(q, last, at, t, top, chain);
        top = n > top ? n : top;
        if (top < steps) continue;
        odd |= i + 1 < end && time[i + 1] == t; /* break: one more for the plain pass */
        break;
    }
    for (int k = top; k < steps; k++) chain[k] = -1;
    *level = (uint8_t)top;
    return !odd;
}

bool funnel_quick_unit(const funnel_quick *q, int64_t unit, int64_t *chain, uint8_t *level) {
    bool coded = !q->v->serves;
    switch (q->p->order) {
        case FUNNEL_STRICT:
            return coded ? follow_strictly(q, unit, chain, level, true)
                         : follow_strictly(q, unit, chain, level, false);
        case FUNNEL_ANY:
            return coded ? gather(q, unit, chain, level, true)
                         : gather(q, unit, chain, level, false);
        case FUNNEL_LOOSE: break;
    }
    if (q->p->optional)
        return coded ? climb(q, unit, chain, level, true, true, true, true)
                     : climb(q, unit, chain, level, false, true, true, true);
    if (q->gaps)
        return coded ? climb(q, unit, chain, level, true, true, true, false)
                     : climb(q, unit, chain, level, false, true, true, false);
    if (q->p->excludes)
        return coded ? climb(q, unit, chain, level, true, false, true, false)
                     : climb(q, unit, chain, level, false, false, true, false);
    return coded ? climb(q, unit, chain, level, true, false, false, false)
                 : climb(q, unit, chain, level, false, false, false, false);
}
