/* funnel_marks: a bit for each event and step, and a unit's funnel by looking for bits. */
#include "models/behaviour/funnel_marks.h"

#include <assert.h>
#include <string.h>

bool funnel_marks_may(const funnel_quick *q) {
    return !q->v->serves && q->v->tied && !q->rules &&
           (!q->gaps || q->p->order == FUNNEL_STRICT);
}

/* ---- bits ---- */

/* A bit for each of eight bytes that is 0: carries never leave a byte. */
static inline uint64_t zeros(uint64_t x) {
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t high = ~(((x & low) + low) | x | low); /* 0x80 where it is */
    return ((high >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

/* Bits of 64 events whose code is `code`. */
static uint64_t equal(const uint8_t *event, uint8_t code) {
    uint64_t bits = 0, wanted = code * UINT64_C(0x0101010101010101);
    for (int i = 0; i < 8; i++) {
        uint64_t eight;
        memcpy(&eight, event + 8 * i, sizeof eight);
        bits |= zeros(eight ^ wanted) << 8 * i;
    }
    return bits;
}

void funnel_marks_fill(funnel_marks *m, const funnel_quick *q, int64_t from, int64_t end) {
    const uint8_t *code = q->v->code;
    int64_t words = (end - from) / 64, rest = (end - from) % 64;
    assert(end - from <= MARKS_EVENTS);
    m->from = from;
    for (int k = 0; k < q->p->steps; k++)
        memset(m->step[k], 0, sizeof *m->step[k] * (size_t)(words + 1));
    for (int c = 0; c < 256; c++) {
        int k = q->step[c];
        if (k >= q->p->steps) continue;
        for (int64_t w = 0; w < words; w++)
            m->step[k][w] |= equal(code + from + 64 * w, (uint8_t)c);
        for (int64_t i = 0; i < rest; i++)
            m->step[k][words] |= (uint64_t)(code[from + 64 * words + i] == c) << i;
    }
}

/* The first bit from i on, or end. */
static inline int64_t next_of(const uint64_t *bits, int64_t i, int64_t end) {
    if (i >= end) return end;
    int64_t w = i >> 6;
    uint64_t word = bits[w] & ~UINT64_C(0) << (i & 63);
    while (!word) {
        if (++w << 6 >= end) return end;
        word = bits[w];
    }
    i = (w << 6) + __builtin_ctzll(word);
    return i < end ? i : end;
}

/* The last bit before i, which there is. */
static inline int64_t last_of(const uint64_t *bits, int64_t i) {
    int64_t w = --i >> 6;
    uint64_t word = bits[w] & ~UINT64_C(0) >> (63 - (i & 63));
    while (!word) word = bits[--w];
    return (w << 6) + 63 - __builtin_clzll(word);
}

/* ---- loose ---- */

static bool fits(const funnel_quick *q, int64_t first, int64_t last) {
    const int64_t *time = q->v->time;
    return !q->p->window ||
           (uint64_t)time[last] - (uint64_t)time[first] <= (uint64_t)q->p->window;
}

/* The newest chain that ends with step k at bit `at`. */
static inline void trace(const funnel_marks *m, int k, int64_t at, int64_t *chain) {
    for (chain[k] = m->from + at; k > 0; k--) {
        at = last_of(m->step[k - 1], at);
        chain[k - 1] = m->from + at;
    }
}

/* Level by level, where the window counts: an event that has the same event before it as one that
 * failed has the same chain, and fails too. */
static int climb_within(const funnel_marks *m, const funnel_quick *q, int64_t begin, int64_t end,
                        int64_t *chain) {
    int64_t at = begin - 1, tried[FUNNEL_STEPS];
    for (int k = 0; k < q->p->steps; k++) {
        at = next_of(m->step[k], at + 1, end);
        for (;;) {
            if (at == end) return k;
            trace(m, k, at, tried);
            if (fits(q, tried[0], tried[k])) break;
            at = next_of(m->step[k - 1], at + 1, end);
            at = next_of(m->step[k], at + 1, end);
        }
        memcpy(chain, tried, sizeof *chain * (size_t)(k + 1));
    }
    return q->p->steps;
}

static int climb(const funnel_marks *m, const funnel_quick *q, int64_t begin, int64_t end,
                 int64_t *chain) {
    int level = 0;
    int64_t at = begin - 1, reached = 0;
    while (level < q->p->steps && (at = next_of(m->step[level], at + 1, end)) < end)
        level++, reached = at;
    if (level == 0) return 0;
    trace(m, level - 1, reached, chain);
    return fits(q, chain[0], chain[level - 1]) ? level : climb_within(m, q, begin, end, chain);
}

/* ---- strict ---- */

/* The chain of k + 1 events that ends at event `last` lies within the window and the gaps. */
static bool holds(const funnel_quick *q, int64_t last, int k) {
    const int64_t *time = q->v->time;
    if (!fits(q, last - k, last)) return false;
    for (int i = 1; i <= k && q->gaps; i++)
        if (q->p->gap[i] && (uint64_t)time[last - k + i] - (uint64_t)time[last - k + i - 1] >
                                (uint64_t)q->p->gap[i])
            return false;
    return true;
}

/* A word at a time: bits of step k whose event before is one of a chain of k events. */
static int follow(const funnel_marks *m, const funnel_quick *q, int64_t begin, int64_t end,
                  int64_t *chain) {
    uint64_t carry[FUNNEL_STEPS] = {0};
    int steps = q->p->steps, top = 0;
    int64_t ends = 0;
    for (int64_t w = begin >> 6; w << 6 < end && top < steps; w++) {
        uint64_t own = ~UINT64_C(0), before = 0;
        if (w << 6 < begin) own &= ~UINT64_C(0) << (begin & 63);
        if (end - (w << 6) < 64) own &= ~(~UINT64_C(0) << (end & 63));
        for (int k = 0; k < steps; k++) {
            uint64_t chained = m->step[k][w] & own;
            if (k) chained &= before << 1 | carry[k - 1];
            if (k) carry[k - 1] = before >> 63;
            before = chained;
            for (uint64_t left = k >= top ? chained : 0; left; left &= left - 1) {
                int64_t last = m->from + (w << 6) + __builtin_ctzll(left);
                if (!holds(q, last, k)) continue;
                top = k + 1, ends = last;
                break;
            }
        }
    }
    for (int k = 0; k < top; k++) chain[k] = ends - top + 1 + k;
    return top;
}

/* ---- any order ---- */

/* All of the unit lies within the window: the level is reached when the last of its steps has come,
 * by the newest event of each. */
static int gather(const funnel_marks *m, const funnel_quick *q, int64_t begin, int64_t end,
                  int64_t *chain) {
    int there[FUNNEL_STEPS], level = 0;
    int64_t all = begin;
    for (int k = 0; k < q->p->steps; k++) {
        int64_t at = next_of(m->step[k], begin, end);
        if (at == end) continue;
        there[level++] = k;
        if (at > all) all = at;
    }
    for (int n = 0; n < level; n++) {
        int64_t event = m->from + last_of(m->step[there[n]], all + 1);
        int i = n;
        for (; i > 0 && chain[i - 1] > event; i--) chain[i] = chain[i - 1];
        chain[i] = event;
    }
    return level;
}

bool funnel_marks_unit(const funnel_marks *m, const funnel_quick *q, int64_t unit, int64_t *chain,
                       uint8_t *level) {
    int64_t begin = q->v->first[unit], end = q->v->first[unit + 1];
    bool any = q->p->order == FUNNEL_ANY;
    if (bitmap_has(q->v->tied, unit) || (any && begin < end && !fits(q, begin, end - 1)))
        return false;
    begin -= m->from, end -= m->from;
    int got = any                              ? gather(m, q, begin, end, chain)
              : q->p->order == FUNNEL_STRICT ? follow(m, q, begin, end, chain)
                                               : climb(m, q, begin, end, chain);
    for (int k = got; k < q->p->steps; k++) chain[k] = -1;
    *level = (uint8_t)got;
    return true;
}
