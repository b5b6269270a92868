/* life: where in its life an item is. */
#include "models/insight/life.h"

#include <math.h>

#define SURE_Z       1.959963984540054
#define LAUNCH_WEEKS 4
#define SILENT_WEEKS 4
#define DEEP         0.2

const char *const life_words[LIFE_STAGES] = {"launch",  "growth",    "plateau",
                                         "decline", "clearance", "ended"};

/* Units over exposure of the weeks on sale, into y; returns how many, 0 when too few. */
static int rates(const int32_t *units, const double *exposure, int n, double *y) {
    int many = 0;
    for (int t = 0; t < n; t++) {
        double e = exposure ? exposure[t] : 1.0;
        if (e > 0) y[many++] = ((units[t] > 0 ? units[t] : 0) + 0.5) / e;
    }
    return many < LIFE_LEAST_WEEKS ? 0 : many;
}

kendall_result life_shape(const int32_t *units, const double *exposure, int n, arena scratch) {
    double *y = take(&scratch, double, n);
    int many = rates(units, exposure, n, y);
    for (int t = 0; t < many; t++) y[t] = log(y[t]);
    return kendall_test(y, many, scratch);
}

/* S / sqrt(Var S) with ties, without the widening that makes it smaller. */
static double narrow_z(const double *y, int n, double *sorted) {
    int s = 0;
    double variance = (double)n * (n - 1) * (2.0 * n + 5);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) s += (y[i] > y[k]) - (y[i] < y[k]); /* break: its size */
        int at = i;
        while (at > 0 && sorted[at - 1] > y[i]) sorted[at] = sorted[at - 1], at--;
        sorted[at] = y[i];
    }
    for (int i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && !(sorted[k] > sorted[i]); k++) {}
        double t = k - i;
        variance -= t * (t - 1) * (2 * t + 5);
    }
    return variance > 0 ? (double)(s - (s > 0) + (s < 0)) / sqrt(variance / 18.0) : 0.0;
}

double life_sure(const int32_t *units, const double *exposure, int n, arena scratch) {
    double *y = take_raw(&scratch, double, n), *sorted = take_raw(&scratch, double, n);
    int many = rates(units, exposure, n, y);
    double z = narrow_z(y, many, sorted);
    return fabs(z) > SURE_Z ? life_shape(units, exposure, n, scratch).z : z;
}

life_stage life_of(life_facts f) {
    if (f.call == TREND_ENDED || f.silent >= SILENT_WEEKS) return LIFE_ENDED;
    if (f.weeks < LAUNCH_WEEKS) return LIFE_LAUNCH;
    if (f.depth > DEEP) return LIFE_CLEARANCE; /* not when it is NAN */
    if (f.call == TREND_RISING) return LIFE_GROWTH;
    if (f.call == TREND_DECLINING) return LIFE_DECLINE;
    return f.z > SURE_Z ? LIFE_GROWTH : f.z < -SURE_Z ? LIFE_DECLINE : LIFE_PLATEAU;
}
