/* pelt: the cheapest cutting of a row of values into pieces. */
#include "models/pelt.h"

#include <math.h>

void pelt_cut(pelt_cost *cost, const void *what, int n, int least, double penalty, int32_t *from,
              arena scratch) {
    double *best = take(&scratch, double, n + 1);
    int32_t *alive = take(&scratch, int32_t, n + 1); /* break: room */
    int32_t *ends = take(&scratch, int32_t, n + 1);  /* break: room */
    int many = 1;
    best[0] = -penalty;
    for (int b = least; b <= n; b++) {
        int kept = 0;
        best[b] = INFINITY;
        for (int i = 0; i < many; i++) {
            int a = alive[i];
            double total = b - a >= least ? best[a] + cost(what, a, b) + penalty : INFINITY;
            if (total < best[b]) best[b] = total, from[b] = a;
        }
        for (int i = 0; i < many; i++) {
            int a = alive[i]; /* one that loses to beginning anew at b does so once b is allowed */
            if (ends[a] == 0 && b - a >= least && best[a] + cost(what, a, b) >= best[b])
                ends[a] = b + least;
            if (ends[a] == 0 || b < ends[a]) alive[kept++] = a;
        }
        many = kept;
        if (n - b >= least) alive[many++] = b; /* break: no other is long enough */
    }
}
