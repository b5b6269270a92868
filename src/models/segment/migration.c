/* migration: how customers move between segments from one day to the next, and where that leads. */
#include "models/segment/migration.h"

#include <math.h>
#include <string.h>

void migration_add(const int32_t *then, const int32_t *now, int64_t n, int k, const double *money,
                   double *moves) {
    for (int64_t i = 0; i < n; i++) {
        int from = then[i] < 0 ? k : then[i], to = now[i] < 0 ? k : now[i];
        if (from < k || to < k) moves[from * (k + 1) + to] += money ? money[i] : 1;
    }
}

bool migration_leads(const double *moves, const double *sizes, int k, double *leads,
                     arena scratch) {
    double *p = take(&scratch, double, k * k), *next = take(&scratch, double, k), all = 0;
    for (int i = 0; i < k; i++) {
        double row = 0;
        for (int j = 0; j < k; j++) row += fmax(moves[i * (k + 1) + j], 0);
        for (int j = 0; j < k; j++)
            p[i * k + j] = row > 0 ? fmax(moves[i * (k + 1) + j], 0) / row : i == j;
        all += sizes[i];
    }
    for (int i = 0; i < k; i++) leads[i] = all > 0 ? sizes[i] / all : 1.0 / k;
    for (int step = 0; step < 10000; step++) {
        double moved = 0;
        memset(next, 0, sizeof *next * (size_t)k);
        for (int i = 0; i < k; i++)
            for (int j = 0; j < k; j++) /* half a step: no chain swings */
                next[j] += leads[i] * (p[i * k + j] + (i == j)) / 2;
        for (int i = 0; i < k; i++) moved += fabs(next[i] - leads[i]), leads[i] = next[i];
        if (moved < 1e-12) return true;
    }
    for (int i = 0; i < k; i++) leads[i] = (double)NAN;
    return false;
}
