/* interactions_split: what is learned from and what is asked for, cut from a table.
 *
 *     last          each user's newest item that is new to the user; all its rows are hidden
 *     time:7d       the last 7 days of the table
 *     weeks:4       each of the last 4 weeks, learned from what is before it
 *     given:FILE    the rows of another table
 *
 * Parameters are chosen on a split of the same kind inside what may be learned from: the second
 * last item, the window before the first one asked for, or, where the answers are given, as many
 * random items of each user as the answers have on average. */
#ifndef SURFACES_INTERACTIONS_SPLIT_H
#define SURFACES_INTERACTIONS_SPLIT_H

#include "surfaces/interactions.h"

typedef enum split_kind { SPLIT_LAST, SPLIT_TIME, SPLIT_WEEKS, SPLIT_GIVEN } split_kind;

typedef struct split {
    split_kind kind;
    int days;         /* of a window of time or weeks */
    int windows;      /* 1 but for weeks */
    const char *file; /* given */
    uint64_t seed;    /* of the random items */
} split;

typedef struct split_part {
    uint8_t *learn; /* [rows of the table] 1 = may be learned from */
    int64_t n;
    int32_t *user, *item; /* [n] answers, as often as they are there */
    int32_t from, until;  /* days asked for; until is exclusive; 0 where time does not cut */
} split_part;

/* Reads --split (and its older companions --days, --test). */
bool split_parse(const args *a, split *to, err *e);

/* Cuts window 0 (the earliest) … windows - 1; test is the table of SPLIT_GIVEN, else unused.
 * Refuses a split by time of a table without one. In keep. */
bool split_cut(const split *how, const interactions *x, const interactions *test, int window,
               split_part *to, arena *keep, arena scratch, err *e);

/* The cut for choosing parameters, of what `outer` learns from. */
void split_inner(const split *how, const interactions *x, const split_part *outer, split_part *to,
                 arena *keep, arena scratch);

#endif
