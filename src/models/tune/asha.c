/* asha: which trials go on: at each rung the best share of those that came so far. */
#include "models/tune/asha.h"

#include <assert.h>
#include <math.h>

asha asha_open(int64_t least, int eta, bool maximise, int64_t most, arena *keep) {
    assert(least >= 1 && eta >= 2);
    asha a = {.least = least, .eta = eta, .maximise = maximise, .most = most};
    for (int r = 0; r < ASHA_RUNGS; r++) a.score[r] = take(keep, double, most);
    return a;
}

int64_t asha_rung_end(const asha *a, int rung) {
    double end = (double)a->least * pow(a->eta, rung);
    return rung >= ASHA_RUNGS || end > 9e15 ? INT64_MAX : (int64_t)end;
}

/* Leaves the score in the rung; whether it is among the best share there. */
static bool among_best(asha *a, int rung, double score) {
    int64_t better = 0, n = a->n[rung];
    assert(n < a->most);
    a->score[rung][a->n[rung]++] = score;
    for (int64_t i = 0; i < n; i++)
        better += a->maximise ? a->score[rung][i] > score : a->score[rung][i] < score;
    int64_t share = (n + 1) / a->eta;
    return better < (share > 1 ? share : 1);
}

bool asha_report(asha *a, int *rung, int64_t step, double score) {
    while (step >= asha_rung_end(a, *rung)) {
        if (isnan(score) || !among_best(a, *rung, score)) return false;
        ++*rung;
    }
    return true;
}
