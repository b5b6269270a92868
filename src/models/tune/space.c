/* space: what a study chooses from: numbers, words, and what counts beside a word only. */
#include "models/tune/space.h"

#include <math.h>
#include <stddef.h>

static const char *check_number(const space_param *p) {
    if (!isfinite(p->low) || !isfinite(p->high)) return "a range must be finite";
    if (p->low > p->high) return "the low end of a range must not lie above its high end";
    if (p->step < 0) return "a step must not be negative";
    if (p->log && p->low <= 0) return "a range by the logarithm must lie above zero";
    if (p->log && p->step > 0) return "a range by the logarithm has no step";
    bool whole = p->low == floor(p->low) && p->high == floor(p->high) && p->step == floor(p->step);
    if (p->kind == SPACE_INT && !whole) return "whole numbers need whole ends and steps";
    return NULL;
}

const char *space_check(const space *s) {
    if (s->n < 1 || s->n > SPACE_MOST) return "a space has 1 to 32 parameters";
    for (int i = 0; i < s->n; i++) {
        const space_param *p = &s->at[i];
        const char *why = p->kind == SPACE_WORD ? NULL : check_number(p);
        if (p->kind == SPACE_WORD && p->n < 1) why = "a parameter of words needs one";
        if (why) return why;
        if (p->under == 0) continue;
        if (p->under < 1 || p->under > i || s->at[p->under - 1].kind != SPACE_WORD)
            return "a parameter can only count beside a word before it";
        if (p->is < 0 || p->is >= s->at[p->under - 1].n) return "there is no such word";
    }
    return NULL;
}

bool space_counts(const space *s, int i, const double *point) {
    int under = s->at[i].under;
    return under == 0 || point[under - 1] == s->at[i].is;
}

double space_step(const space_param *p) {
    return p->kind == SPACE_INT && p->step == 0 ? 1 : p->step;
}

double space_round(const space_param *p, double x) {
    double step = space_step(p);
    if (p->kind == SPACE_WORD) return fmin(fmax(rint(x), 0), p->n - 1);
    if (step == 0) return fmin(fmax(x, p->low), p->high);
    double most = floor((p->high - p->low) / step + 1e-9); /* 0.3 / 0.1 is not quite 3 */
    return p->low + step * fmin(fmax(rint((x - p->low) / step), 0), most);
}

double space_draw(const space_param *p, rng *r) {
    if (p->kind == SPACE_WORD) return (double)rng_below(r, p->n);
    double half = space_step(p) / 2, low = p->low - half, high = p->high + half;
    if (p->log) return space_round(p, exp(log(low) + rng_uniform(r) * (log(high) - log(low))));
    return space_round(p, low + rng_uniform(r) * (high - low));
}
