/* reason: what probably moved an item: a table of rules on facts. */
#include "models/insight/reason.h"

#include <math.h>
#include <stdbool.h>

const char *const reason_words[REASONS] = {"price",    "stock",   "category", "season",
                                           "featured", "variant", "life"};

/* What each fact would explain of ln growth; 0 below its threshold and when it is not known. */
static reason_one rule(reason_name name, double fact, double least, double explains) {
    bool counts = fabs(fact) >= least; /* NAN does not */
    return (reason_one){name, fact, counts ? explains : 0.0};
}

int reason_find(reason_one out[REASONS], reason_facts f, int direction) {
    double stock = f.out_now - f.out_before;
    const reason_one all[REASONS] = {
        rule(REASON_PRICE, f.price, 0.08, f.elasticity * f.price),
        rule(REASON_STOCK, stock, 0.2,
             log(fmax(1.0 - f.out_now, 0.02) / fmax(1.0 - f.out_before, 0.02))),
        rule(REASON_CATEGORY, f.category, 0.1, f.category),
        rule(REASON_SEASON, f.season, 0.1, f.season),
        rule(REASON_FEATURED, f.featured, 0.4, 0.5 * f.featured),
        rule(REASON_VARIANT, f.variant, 1.0, -0.2),
        rule(REASON_LIFE, f.life, 0.0, f.life <= 0.5 ? -0.1 : 0.0),
    };
    int n = 0;
    for (int i = 0; i < REASONS; i++) {
        double size = all[i].explains * direction;
        if (!(size > 0)) continue;
        int at = n++;
        while (at > 0 && out[at - 1].explains * direction < size) out[at] = out[at - 1], at--;
        out[at] = all[i];
    }
    return n;
}
