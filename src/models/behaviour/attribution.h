/* attribution: what each channel has to do with conversions, by several rules.
 *
 * A journey is a row of touches (channels) that ends in a conversion or without one. Each
 * converted journey gives one conversion to: its first touch; its last; all touches alike
 * (linear); 40 % to the first, 40 % to the last and 20 % to those between (position; of two
 * touches half each); its distinct channels alike (shapley). This is the exact Shapley value of the
 * game v(S) = conversions whose channels all lie in S, a sum of one unanimity game a conversion.
 *
 * Markov: states start, channels, converted, lost; moves as counted. With Q between channels and r
 * from them into converted, x = (I - Q)^-1 r is the chance of conversion from each channel, and
 *
 *     P = sum of start_c x_c,     effect_c = 1 - P(without c) / P
 *
 * where without c whatever goes to c is lost. Conversions are given in proportion to effects. The
 * 95 % interval is of the delete-a-group jackknife over 50 groups of users (user mod 50), whose
 * journeys may depend on each other.
 *
 * Sources: Anderl, Becker, von Wangenheim, Schumann, "Mapping the customer journey" (2016); Shapley
 * (1953); for the jackknife Shao, Wu (1989). */
#ifndef MODELS_BEHAVIOUR_ATTRIBUTION_H
#define MODELS_BEHAVIOUR_ATTRIBUTION_H

#include "base/arena.h"
#include "models/interval.h"

#define ATTRIBUTION_CHANNELS 64 /* most channels */
#define ATTRIBUTION_GROUPS   50

typedef struct attribution_log {
    int channels;
    int64_t journeys;
    const int64_t *first;     /* [journeys + 1] each has a touch at least */
    const uint8_t *channel;   /* [first[journeys]] */
    const uint8_t *converted; /* [journeys] 1 or 0 */
    const int32_t *user;      /* [journeys] */
} attribution_log;

typedef struct attribution_channel {
    int64_t touches, journeys, converted;              /* journeys with it; of these converted */
    double first, last, linear, position, shapley;     /* conversions */
    interval markov;                                   /* conversions; NAN where none is there */
    double effect;                                     /* of its removal; likewise */
} attribution_channel;

typedef struct attribution {
    int64_t journeys, conversions;
    double chance;           /* P of the chain: conversions / journeys, up to rounding */
    attribution_channel *of; /* [channels] */
} attribution;

void attribution_find(attribution *out, const attribution_log *log, arena *keep, arena scratch);

#endif
