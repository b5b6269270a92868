/* interactions_split: what is learned from and what is asked for, cut from a table. */
#include "surfaces/interactions_split.h"

#include <string.h>

#include "base/random.h"

/* "7d", "7", "2w": days; 0 when it is none of these. */
static int days_of(slice word) {
    int64_t n;
    int unit = 1;
    if (word.n > 1 && (word.p[word.n - 1] == 'd' || word.p[word.n - 1] == 'w')) {
        unit = word.p[word.n - 1] == 'w' ? 7 : 1;
        word.n--;
    }
    return slice_int(word, &n) && n >= 1 && n <= 100000 ? (int)n * unit : 0;
}

bool split_parse(const args *a, split *to, err *e) {
    static const char *const kinds[] = {"last", "time", "weeks", "given"};
    const char *word = args_given(a, "split") ? args_text(a, "split") : "last";
    size_t n = strcspn(word, ":");
    const char *rest = word[n] ? word + n + 1 : NULL;
    int kind = 0;
    while (kind < 4 && !(strlen(kinds[kind]) == n && memcmp(word, kinds[kind], n) == 0)) kind++;
    *to = (split){.kind = (split_kind)kind, .days = 7, .windows = 1,
                  .seed = (uint64_t)args_int(a, "seed")};
    if (kind == 4 || (rest && kind == SPLIT_LAST))
        return refuse(e, "--split must be last, time:7d, weeks:4 or given:FILE, got '%s'", word);
    if (kind == SPLIT_TIME) {
        to->days = rest ? days_of(slice_of(rest)) : (int)args_int(a, "days");
        if (to->days == 0)
            return refuse(e, "--split time wants days, such as time:7d, got '%s'", word);
    }
    if (kind == SPLIT_WEEKS) {
        int64_t weeks = 0;
        if (!rest || !slice_int(slice_of(rest), &weeks) || weeks < 1 || weeks > 520)
            return refuse(e, "--split weeks wants how many, 1..520, such as weeks:4, got '%s'",
                          word);
        to->windows = (int)weeks;
    }
    const char *test = args_text(a, "test");
    to->file = kind == SPLIT_GIVEN && rest && *rest ? rest : test;
    if ((kind == SPLIT_GIVEN) != (to->file != NULL) || (rest && test))
        return refuse(e, "--split given:FILE names the table with the answers (--split given and "
                         "--test FILE belong together)");
    return true;
}

/* The newest item that each user met for the first time, among rows with learn; its rows are no
 * longer learned from. A user with one item only keeps it. */
static void cut_last(const interactions *x, split_part *to, arena scratch) {
    int32_t *newest = take(&scratch, int32_t, x->users), *met = take(&scratch, int32_t, x->users);
    arena inner = scratch, keep = arena_split(&inner, arena_left(&inner) / 2);
    sparse pairs = sparse_from_triples(x->users, x->items, x->n, x->user, x->item, NULL, &keep,
                                       inner);
    uint8_t *had = take(&keep, uint8_t, sparse_count(&pairs));
    for (int64_t i = 0; i < x->n; i++) {
        if (!to->learn[i]) continue;
        int64_t at = sparse_find(&pairs, x->user[i], x->item[i]);
        if (had[at]) continue;
        had[at] = 1;
        met[x->user[i]]++;
        newest[x->user[i]] = x->item[i];
    }
    for (int32_t u = 0; u < x->users; u++) {
        if (met[u] < 2) continue;
        to->user[to->n] = u;
        to->item[to->n++] = newest[u];
    }
    for (int64_t i = 0; i < x->n; i++)
        if (met[x->user[i]] >= 2 && x->item[i] == newest[x->user[i]]) to->learn[i] = 0;
}

/* Days [until - days, until) are asked for, what is before them is learned from. */
static void cut_time(const interactions *x, int32_t until, int days, split_part *to) {
    to->from = until - days;
    to->until = until;
    for (int64_t i = 0; i < x->n; i++) {
        if (to->learn[i] && x->day[i] >= to->from && x->day[i] < until) {
            to->user[to->n] = x->user[i];
            to->item[to->n++] = x->item[i];
        }
        to->learn[i] = to->learn[i] && x->day[i] < to->from;
    }
}

/* `most` random distinct items of each user are asked for, never more than half of them. */
static void cut_random(const interactions *x, int64_t most, uint64_t seed, split_part *to,
                       arena scratch) {
    int64_t *at = take(&scratch, int64_t, x->users + 1);
    for (int64_t i = 0; i < x->n; i++) at[x->user[i] + 1] += to->learn[i];
    int32_t *row = take(&scratch, int32_t, x->n), *col = take(&scratch, int32_t, x->n);
    int64_t n = 0;
    for (int64_t i = 0; i < x->n; i++)
        if (to->learn[i]) {
            row[n] = x->user[i];
            col[n++] = x->item[i];
        }
    arena inner = scratch, keep = arena_split(&inner, arena_left(&inner) / 2);
    sparse pairs = sparse_from_triples(x->users, x->items, n, row, col, NULL, &keep, inner);
    for (int32_t u = 0; u < x->users; u++) {
        int64_t has = sparse_degree(&pairs, u), hide = has / 2 < most ? has / 2 : most;
        rng draw = rng_open(seed_for(seed, "validation"), (uint64_t)u);
        rng_shuffle(&draw, pairs.col + pairs.at[u], has);
        for (int64_t i = 0; i < hide; i++) {
            to->user[to->n] = u;
            to->item[to->n++] = pairs.col[pairs.at[u] + i];
        }
    }
    sparse asked = sparse_from_triples(x->users, x->items, to->n, to->user, to->item, NULL, &keep,
                                       inner);
    for (int64_t i = 0; i < x->n; i++)
        if (sparse_has(&asked, x->user[i], x->item[i])) to->learn[i] = 0;
}

static split_part new_part(const interactions *x, const uint8_t *learn, int64_t answers,
                           arena *keep) {
    split_part to = {.learn = take(keep, uint8_t, x->n)};
    if (learn) memcpy(to.learn, learn, (size_t)x->n);
    else memset(to.learn, 1, (size_t)x->n);
    to.user = take(keep, int32_t, answers);
    to.item = take(keep, int32_t, answers);
    return to;
}

bool split_cut(const split *how, const interactions *x, const interactions *test, int window,
               split_part *to, arena *keep, arena scratch, err *e) {
    if ((how->kind == SPLIT_TIME || how->kind == SPLIT_WEEKS) && !x->has_time)
        return refuse(e, "a split by time needs a column time in the table; --map time=HEADER "
                         "names it, --split last does without");
    int32_t until = INT32_MIN;
    for (int64_t i = 0; i < x->n; i++)
        if (x->day[i] >= until) until = x->day[i] + 1;
    *to = new_part(x, NULL, how->kind == SPLIT_GIVEN ? test->n : x->n, keep);
    if (how->kind == SPLIT_GIVEN) {
        to->n = test->n;
        memcpy(to->user, test->user, sizeof *to->user * (size_t)test->n);
        memcpy(to->item, test->item, sizeof *to->item * (size_t)test->n);
    } else if (how->kind == SPLIT_LAST) {
        cut_last(x, to, scratch);
    } else {
        cut_time(x, until - how->days * (how->windows - 1 - window), how->days, to);
    }
    return true;
}

void split_inner(const split *how, const interactions *x, const split_part *outer, split_part *to,
                 arena *keep, arena scratch) {
    *to = new_part(x, outer->learn, x->n, keep);
    if (how->kind == SPLIT_LAST) {
        cut_last(x, to, scratch);
    } else if (how->kind == SPLIT_GIVEN) {
        int64_t users = 0;
        uint8_t *asked = take(&scratch, uint8_t, x->users);
        for (int64_t i = 0; i < outer->n; i++) {
            users += !asked[outer->user[i]];
            asked[outer->user[i]] = 1;
        }
        int64_t each = users > 0 ? (outer->n + users / 2) / users : 1;
        cut_random(x, each > 1 ? each : 1, how->seed, to, scratch);
    } else {
        cut_time(x, outer->from, how->days, to);
    }
}
