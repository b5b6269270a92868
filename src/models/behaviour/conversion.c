/* conversion: the share that has converted by a time after entering (Kaplan–Meier). */
#include "models/behaviour/conversion.h"

#include <math.h>

/* Conversions come before the ends of watching at the same time. */
static bool earlier(conversion_unit a, conversion_unit b) {
    return a.waited != b.waited ? a.waited < b.waited : a.converted > b.converted;
}

static void sift(conversion_unit *unit, int64_t at, int64_t n) {
    for (int64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && earlier(unit[child], unit[child + 1])) child++;
        if (!earlier(unit[at], unit[child])) return;
        conversion_unit swap = unit[at];
        unit[at] = unit[child], unit[child] = swap;
    }
}

static void heap_sort(conversion_unit *unit, int64_t n) {
    for (int64_t i = n / 2; i-- > 0;) sift(unit, i, n);
    for (int64_t end = n; end-- > 1;) {
        conversion_unit swap = unit[0];
        unit[0] = unit[end], unit[end] = swap;
        sift(unit, 0, end);
    }
}

static interval share_of(double stays, double greenwood) {
    if (stays >= 1.0) return (interval){0, 0, 0};
    if (stays <= 0.0) return (interval){1, 1, 1};
    double half = INTERVAL_Z95 * sqrt(greenwood) / fabs(log(stays));
    return (interval){1.0 - stays, 1.0 - pow(stays, exp(-half)), 1.0 - pow(stays, exp(half))};
}

void conversion_curve(conversion_unit *unit, int64_t n, conversion_point *point, int points) {
    double stays = 1.0, greenwood = 0.0;
    int64_t i = 0, lost = 0; /* lost: watched no longer than until before the point */
    heap_sort(unit, n);
    int64_t edge = 0; /* watched exactly until the point before */
    for (int p = 0; p < points; p++) {
        lost += edge, edge = 0;
        while (i < n && unit[i].waited <= point[p].at) {
            int64_t at = unit[i].waited, risk = n - i, d = 0, left = 0;
            for (; i < n && unit[i].waited == at; i++) d += unit[i].converted, left++;
            *(at < point[p].at ? &lost : &edge) += left - d;
            stays *= 1.0 - (double)d / (double)risk;
            if (d && d < risk) greenwood += (double)d / ((double)risk * (double)(risk - d));
        }
        point[p].watched = n - lost;
        point[p].share = share_of(stays, greenwood);
    }
}
