/* decompose: why revenue changed: price, volume and mix; traffic, conversion and basket. */
#include "models/insight/decompose.h"

#include <math.h>

#define MILLION 1e6

/* a b / c to the nearest whole, halves away from 0, c > 0; in 128 bits, so that nothing is lost. */
static int64_t scaled(int64_t a, int64_t b, int64_t c) {
    __int128 top = (__int128)a * b, half = c / 2;
    return (int64_t)((top + (top < 0 ? -half : half)) / c);
}

static void add(decompose_sales *to, const decompose_sales *one) {
    to->units0 += one->units0, to->units1 += one->units1;
    to->money0 += one->money0, to->money1 += one->money1;
}

void decompose_groups(decompose_pvm *out, decompose_pvm *all, const decompose_sales *article,
                      const int32_t *group, int64_t n, int groups) {
    *all = (decompose_pvm){0};
    for (int g = 0; g < groups; g++) out[g] = (decompose_pvm){0};
    for (int64_t i = 0; i < n; i++) {
        const decompose_sales *a = &article[i];
        decompose_pvm *to = &out[group[i]];
        add(&to->of, a), add(&all->of, a);
        if (a->units0 > 0 && a->units1 > 0)
            to->price += a->money1 - scaled(a->money0, a->units1, a->units0);
    }
    for (int g = 0; g < groups; g++) {
        decompose_pvm *to = &out[g];
        if (all->of.units0 > 0)
            to->volume = scaled(to->of.money0, all->of.units1 - all->of.units0, all->of.units0);
        else to->price = 0;
        to->mix = to->of.money1 - to->of.money0 - to->price - to->volume;
        all->price += to->price, all->volume += to->volume, all->mix += to->mix;
    }
}

void decompose_shapley(int64_t part[3], const double x0[3], const double x1[3], int64_t change) {
    part[2] = change;
    for (int i = 0; i < 2; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        double same = x0[j] * x0[k] + x1[j] * x1[k], crossed = x0[j] * x1[k] + x1[j] * x0[k];
        part[i] = llround(MILLION * (x1[i] - x0[i]) * (same / 3.0 + crossed / 6.0));
        part[2] -= part[i];
    }
}
