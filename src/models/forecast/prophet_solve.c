/* prophet_solve: least squares with squares of some variables and sizes of the others penalised. */
#include "models/forecast/prophet_solve.h"

#include <math.h>
#include <string.h>

#define NEARLY 1e-10 /* of lasso: gradients closer than that to it do not enter */

double prophet_dot(const double *a, const double *b, int n) {
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += a[i] * b[i], s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2], s3 += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++) s0 += a[i] * b[i];
    return (s0 + s1) + (s2 + s3);
}

/* Lower Cholesky factor of a[n, n] in place (rows). */
static bool factor(double *a, int n) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double rest = a[i * n + j] - prophet_dot(a + i * n, a + j * n, j);
            if (i != j) a[i * n + j] = rest / a[j * n + j];
            else if (!(rest > 0)) return false;
            else a[i * n + i] = sqrt(rest);
        }
    return true;
}

static void forward(const double *l, int n, double *x) {
    for (int i = 0; i < n; i++) x[i] = (x[i] - prophet_dot(l + i * n, x, i)) / l[i * n + i];
}

static void backward(const double *l, int n, double *x) {
    for (int i = n - 1; i >= 0; i--) {
        x[i] /= l[i * n + i];
        for (int j = 0; j < i; j++) x[j] -= l[i * n + j] * x[i];
    }
}

typedef struct active {
    int s, n;
    const double *a, *c; /* [s, s], [s]: minimise 1/2 d'Ad - c'd + lasso |d| */
    double lasso, hair;  /* hair: on the diagonal, against hinges that nearly repeat */
    double *d;           /* [s] */
    int *member;         /* [n] ascending */
    double *sign;        /* [s] of members */
    double *l, *x;       /* [s, s], [s] */
} active;

/* One step towards the solution for the members; true when it was reached. */
static bool step(active *w, bool *solved) {
    int n = w->n, first = -1;
    for (int i = 0; i < n; i++) {
        int m = w->member[i];
        for (int j = 0; j <= i; j++) w->l[i * n + j] = w->a[m * w->s + w->member[j]];
        w->l[i * n + i] += w->hair; /* break: 1e-13 of it */
        w->x[i] = w->c[m] - w->lasso * w->sign[m];
    }
    *solved = factor(w->l, n);
    if (!*solved) return false;
    forward(w->l, n, w->x);
    backward(w->l, n, w->x);
    double share = 1;
    for (int i = 0; i < n; i++) {
        int m = w->member[i];
        if (w->x[i] * w->sign[m] > 0) continue;
        double until = w->d[m] / (w->d[m] - w->x[i]);
        if (!(until >= 0)) until = 0;
        if (until < share || first < 0) share = until, first = i;
    }
    for (int i = 0; i < n; i++) {
        int m = w->member[i];
        w->d[m] += (first < 0 ? 1 : share) * (w->x[i] - w->d[m]);
    }
    if (first < 0) return true;
    w->d[w->member[first]] = 0;
    memmove(w->member + first, w->member + first + 1, sizeof(int) * (size_t)(n - first - 1));
    w->n--;
    return false;
}

/* The variable whose gradient exceeds lasso most becomes a member; false when there is none. */
static bool enter(active *w) {
    int best = -1;
    double most = w->lasso * (1 + NEARLY), toward = 0;
    for (int i = 0; i < w->s; i++) {
        if (w->d[i] != 0) continue;
        double slope = w->c[i] - prophet_dot(w->a + i * w->s, w->d, w->s);
        if (fabs(slope) > most) best = i, most = fabs(slope), toward = slope;
    }
    if (best < 0) return false;
    for (int i = 0; i < w->n; i++)
        if (w->member[i] == best) return false; /* a member at 0: rounding, no way down */
    int at = w->n++;
    for (; at > 0 && w->member[at - 1] > best; at--) w->member[at] = w->member[at - 1];
    w->member[at] = best;
    w->sign[best] = toward > 0 ? 1 : -1;
    return true;
}

static bool solve_lasso(active *w) {
    bool solved = true;
    for (int i = 0; i < w->s; i++) {
        if (w->d[i] == 0) continue;
        w->member[w->n++] = i;
        w->sign[i] = w->d[i] > 0 ? 1 : -1;
    }
    for (int i = 0; i < 40 + 20 * w->s && solved; i++) {
        if (w->n > 0 && !step(w, &solved)) continue;
        if (!enter(w)) break;
    }
    return solved;
}

bool prophet_solve(const prophet_problem *q, double *v, arena scratch) {
    int r = q->r, s = q->s, p = r + s;
    double *l = take_raw(&scratch, double, r *r), *w = take_raw(&scratch, double, (s + 1) * r);
    for (int i = 0; i < r; i++) {
        memcpy(l + i * r, q->g + i * p, sizeof(double) * (size_t)(i + 1));
        l[i * r + i] += q->ridge[i];
    }
    if (!factor(l, r)) return false;
    for (int j = 0; j <= s; j++) { /* row j: L^-1 of column j of G, the last one of b */
        memcpy(w + j * r, j < s ? q->g + (r + j) * p : q->b, sizeof(double) * (size_t)r);
        forward(l, r, w + j * r);
    }
    active x = {.s = s, .lasso = q->lasso, .d = v + r};
    double *a = take(&scratch, double, s *s), *c = take(&scratch, double, s);
    for (int i = 0; i < s; i++) {
        for (int j = 0; j <= i; j++)
            a[i * s + j] = a[j * s + i] =
                q->g[(r + i) * p + r + j] - prophet_dot(w + i * r, w + j * r, r);
        c[i] = q->b[r + i] - prophet_dot(w + i * r, w + s * r, r);
        x.hair = fmax(x.hair, 1e-13 * a[i * s + i]);
    }
    x.a = a, x.c = c;
    x.member = take(&scratch, int, s + 1), x.sign = take(&scratch, double, s);
    x.l = take(&scratch, double, s *s), x.x = take(&scratch, double, s);
    if (!solve_lasso(&x)) return false;
    memcpy(v, w + s * r, sizeof(double) * (size_t)r);
    for (int j = 0; j < s; j++)
        for (int i = 0; i < r && x.d[j] != 0; i++) v[i] -= w[j * r + i] * x.d[j];
    backward(l, r, v);
    return true;
}
