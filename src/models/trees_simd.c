/* trees_simd: the inner loops of trees, one copy for each instruction set. */
#include <string.h>

#include "models/trees_quick.h"

/* ---- the parts of a score ---- */

enum { LANES = SIMD_WIDTH / 2 }; /* doubles; divides TREES_POINTS */
typedef double points __attribute__((vector_size(8 * LANES)));

static inline points get(const double *p) {
    points v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void put(double *p, points v) { memcpy(p, &v, sizeof v); }

static inline double sum(points v) {
    double all = v[0] + v[1];
    for (int i = 2; i < LANES; i += 2) all += v[i] + v[i + 1];
    return all;
}

/* From the root down: through = the product of the factors o t + z (1 - t) above and at a spot,
 * inverse = one over its own factor where it is open (o = 1); from the leaves up: below = the sum
 * of value * weight * through over the leaves under a spot, from which the edge's part follows. An
 * edge on a feature that was split above replaces the earlier factor, and takes back what the
 * earlier edge would say of the leaves below. */
void SIMD(trees_parts)(const trees_tree *t, const trees_spots *all, const unsigned char *goes_left,
                       unsigned char *open, double *work, double *parts) {
    const int q = all->points, spots = 2 * t->nodes + 1;
    double *through = work, *inverse = work + (int64_t)spots * q;
    double *below = inverse + (int64_t)spots * q;
    open[0] = 1;
    for (int k = 0; k < q; k++) through[k] = 1;
    for (int s = 1; s < spots; s++) {
        const int up = t->parent[s], before = t->before[s];
        const int spot_as_child = s < t->nodes ? s : ~(s - t->nodes);
        const double z = t->share[s];
        open[s] = (t->left[up] == spot_as_child) == goes_left[up] &&
                  (before < 0 || open[before]);
        for (int k = 0; k < q; k += LANES) {
            const points x = get(all->t + k), y = 1 - x;
            points p = get(through + (int64_t)up * q + k);
            if (before >= 0)
                p = open[before] ? p * get(inverse + (int64_t)before * q + k)
                                 : p / (y * t->share[before]);
            const points factor = open[s] ? x + y * z : y * z;
            put(through + (int64_t)s * q + k, p * factor);
            if (open[s]) put(inverse + (int64_t)s * q + k, 1 / factor);
            else put(inverse + (int64_t)s * q + k, 1 / y);
        }
    }
    memset(below, 0, (size_t)t->nodes * (size_t)q * sizeof *below);
    for (int s = spots - 1; s > 0; s--) {
        const int up = t->parent[s], before = t->before[s];
        points own = {0}, earlier = {0};
        for (int k = 0; k < q; k += LANES) {
            points b = s >= t->nodes ? get(through + (int64_t)s * q + k) *
                                           (get(all->weight + k) * t->value[s - t->nodes])
                                     : get(below + (int64_t)s * q + k);
            put(below + (int64_t)up * q + k, get(below + (int64_t)up * q + k) + b);
            own += b * get(inverse + (int64_t)s * q + k);
            if (before >= 0) earlier += b * get(inverse + (int64_t)before * q + k);
        }
        /* A closed edge has o - z = -z and factor z (1 - t): z cancels. */
        double part = sum(own) * (open[s] ? 1 - t->share[s] : -1);
        if (before >= 0)
            part -= sum(earlier) * (open[before] ? 1 - t->share[before] : -1);
        parts[t->feature[up]] += part;
    }
}
