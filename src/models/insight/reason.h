/* reason: what probably moved an item: a table of rules on facts.
 *
 * Each rule gives what its fact would explain of ln growth:
 *
 *     price     ln of the price now over before         elasticity x fact, from 8 % on
 *     stock     share of days out of stock, now less    ln((1 - now) / (1 - before)), from 20 % on
 *               before
 *     category  ln growth of its category, when sure    as it is, from 10 % on
 *     season    ln of the category's same windows of    as it is, from 10 % on
 *               last year
 *     featured  ln of its share of views now over       half of it, from 40 % on: views follow
 *               before                                  demand too
 *     variant   variants of the product that are new    down by 0.2 (they take over)
 *     life      recent rate over the highest of its     down by 0.1 when at most half
 *               life
 *
 * A reason counts when it points where the item goes; the largest comes first. They are
 * coincidences worth a look, no proof. */
#ifndef MODELS_INSIGHT_REASON_H
#define MODELS_INSIGHT_REASON_H

typedef enum reason_name {
    REASON_PRICE,
    REASON_STOCK,
    REASON_CATEGORY,
    REASON_SEASON,
    REASON_FEATURED,
    REASON_VARIANT,
    REASON_LIFE,
    REASONS
} reason_name;
extern const char *const reason_words[REASONS];

typedef struct reason_facts {
    double price, category, season, featured, variant, life; /* as above; NAN: not known */
    double out_now, out_before;                              /* shares of days out of stock */
    double elasticity;
} reason_facts;

typedef struct reason_one {
    reason_name name;
    double fact, explains;
} reason_one;

/* Writes at most REASONS of them, the one that explains most first; direction 1 up, -1 down. */
int reason_find(reason_one out[REASONS], reason_facts f, int direction);

#endif
