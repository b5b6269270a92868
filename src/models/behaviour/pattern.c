/* pattern: looking for an order of events in sessions. */
#include "models/behaviour/pattern.h"

#include <string.h>

static bool misread(slice said, const char *at, err *e) {
    return refuse(e, "the pattern '%.*s' is not understood from character %d on; it is made of "
                  "(?NAME), (?N), . and .* and (?t<SECONDS)", (int)said.n, said.p,
                  (int)(at - said.p) + 1);
}

/* "t<600" and its kin. */
static bool read_time(slice word, pattern_item *next) {
    static const struct {
        const char *sign;
        pattern_time when;
    } signs[] = {{"<=", PATTERN_AT_MOST}, {">=", PATTERN_AT_LEAST}, {"<", PATTERN_BELOW},
                 {">", PATTERN_ABOVE}};
    if (word.n < 3 || word.p[0] != 't') return false;
    for (int i = 0; i < 4; i++) {
        size_t n = strlen(signs[i].sign);
        int64_t seconds;
        if (word.n <= 1 + n || memcmp(word.p + 1, signs[i].sign, n) != 0) continue;
        if (!slice_int((slice){word.p + 1 + n, word.n - 1 - n}, &seconds) || seconds < 0 ||
            seconds > 1000000000)
            return false;
        next->when = signs[i].when, next->apart = seconds * 1000000, next->far = true;
        return true;
    }
    return false;
}

static bool read_name(slice word, const char *const *names, int n, int *token, err *e) {
    int64_t number;
    for (*token = 0; *token < n; ++*token)
        if (slice_is(word, names[*token])) return true;
    if (slice_int(word, &number)) {
        if (number < 1 || number > n)
            return refuse(e, "the pattern's (?%lld) is none of the %d events", (long long)number,
                          n);
        *token = (int)number - 1;
        return true;
    }
    const char *near = slice_nearest(word, names, n);
    return refuse(e, "the pattern's event '%.*s' does not occur%s%s%s", (int)word.n, word.p,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

bool pattern_compile(pattern *p, slice said, const char *const *names, int n, err *e) {
    pattern_item next = {.token = -1};
    const char *at = said.p, *end = said.p + said.n;
    memset(p, 0, sizeof *p);
    while (at < end) {
        if (p->n == PATTERN_ITEMS) return refuse(e, "a pattern has at most 32 parts");
        if (*at == '.') {
            bool star = at + 1 < end && at[1] == '*';
            at += star ? 2 : 1;
            if (star) next.far = true;
            else next.token = -1, p->item[p->n++] = next, next = (pattern_item){.token = -1};
            continue;
        }
        const char *close = end - at > 3 && at[0] == '(' && at[1] == '?'
                                ? memchr(at, ')', (size_t)(end - at)) : NULL;
        if (!close) return misread(said, at, e);
        slice word = {at + 2, (size_t)(close - at) - 2};
        if (!read_time(word, &next)) {
            if (!read_name(word, names, n, &next.token, e)) return false;
            p->item[p->n++] = next, next = (pattern_item){.token = -1};
        } else if (p->n == 0) {
            return misread(said, at, e);
        }
        at = close + 1;
    }
    if (next.when != PATTERN_ANY) return misread(said, end - 1, e);
    return p->n > 0 || misread(said, said.p, e);
}

static bool apart(const pattern_item *i, int64_t waited) {
    switch (i->when) {
    case PATTERN_BELOW: return waited < i->apart;
    case PATTERN_AT_MOST: return waited <= i->apart;
    case PATTERN_ABOVE: return waited > i->apart;
    case PATTERN_AT_LEAST: return waited >= i->apart;
    case PATTERN_ANY: break;
    }
    return true;
}

/* ends[k]: the items so far can end at event k. An item that may lie far off asks for the latest
 * such event before it where it must be near in time, for the earliest where it must be late. */
static void step(const pattern_item *item, const uint8_t *ends, uint8_t *to, const uint8_t *token,
                 const int64_t *time, int64_t n) {
    bool late = item->when == PATTERN_ABOVE || item->when == PATTERN_AT_LEAST;
    int64_t from = -1;
    for (int64_t k = 0; k < n; k++) {
        bool fits = item->token < 0 || token[k] == item->token;
        int64_t before = item->far ? from : k > 0 && ends[k - 1] ? k - 1 : -1;
        to[k] = fits && before >= 0 && apart(item, time[k] - time[before]);
        if (ends[k] && (from < 0 || !late)) from = k;
    }
}

bool pattern_match(const pattern *p, const uint8_t *token, const int64_t *time, int64_t n,
                   uint8_t *room) {
    uint8_t *ends = room, *to = room + n;
    for (int64_t k = 0; k < n; k++)
        ends[k] = p->item[0].token < 0 || token[k] == p->item[0].token;
    for (int i = 1; i < p->n; i++) {
        step(&p->item[i], ends, to, token, time, n);
        uint8_t *swap = ends;
        ends = to, to = swap;
    }
    return memchr(ends, 1, (size_t)n) != NULL;
}
