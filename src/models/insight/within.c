/* within: centring columns within fixed effects. */
#include "models/insight/within.h"

#include <math.h>
#include <string.h>

enum {
    PAIR = 2,            /* columns that go through the rows together, side by side */
    CHUNK_ROWS = 1 << 16,
    CHUNKS_MOST = 16     /* each has sums of its own */
};

struct within_plan {
    int main, others;    /* the effect that is eliminated, -1 without effects; how many others */
    int64_t levels;      /* of main; without effects one level has all rows */
    int64_t *start;      /* [levels + 1] first row of each level, in order */
    int64_t *order;      /* [n] rows by level, or NULL when they stand so */
    int32_t *place;      /* [n, others] each row's levels in the stack of the others, in order */
    int64_t stack;       /* levels of the others */
    int64_t first[WITHIN_EFFECTS]; /* place of each other effect's first level in the stack */
    double *mass;        /* [n] weights, in order */
    double *total;       /* [levels] weights of main */
    double *diagonal;    /* [stack] weights of the others */
    int64_t chunks, *cut; /* [chunks + 1] levels of main */
    double *part;        /* [chunks, stack, PAIR] */
    double *step, *image, *left, *guess; /* [stack, PAIR] direction, product, residual, solution */
};

static double weight_of(const within *w, int64_t i) { return w->weight ? w->weight[i] : 1.0; }

void within_weigh(within *w) {
    within_plan *g = w->plan;
    for (int64_t j = 0; j < w->n; j++) g->mass[j] = weight_of(w, g->order ? g->order[j] : j);
    for (int64_t l = 0; l < g->levels; l++) {
        g->total[l] = 0.0;
        for (int64_t j = g->start[l]; j < g->start[l + 1]; j++) g->total[l] += g->mass[j];
    }
    memset(g->diagonal, 0, (size_t)g->stack * sizeof *g->diagonal);
    for (int64_t j = 0; j < w->n; j++)
        for (int f = 0; f < g->others; f++)
            g->diagonal[g->place[j * g->others + f]] += g->mass[j];
}

/* Rows in the order of the level of effect f; rows of a level as they stand. */
static void sort_rows(within_plan *g, const within *w, arena *keep) {
    const int32_t *level = w->effect[g->main];
    bool sorted = true;
    for (int64_t i = 0; i < w->n; i++) {
        g->start[level[i] + 1]++;
        sorted = sorted && (i == 0 || level[i - 1] <= level[i]);
    }
    for (int64_t l = 0; l < g->levels; l++) g->start[l + 1] += g->start[l];
    if (sorted) return;
    g->order = take_raw(keep, int64_t, w->n);
    for (int64_t i = 0; i < w->n; i++) g->order[g->start[level[i]]++] = i;
    for (int64_t l = g->levels; l > 0; l--) g->start[l] = g->start[l - 1];
    g->start[0] = 0;
}

static void stack_others(within_plan *g, const within *w, arena *keep) {
    g->place = take_raw(keep, int32_t, w->n * g->others);
    for (int f = 0, at = 0; f < w->effects; f++) {
        if (f == g->main) continue;
        g->first[f] = g->stack;
        g->stack += w->levels[f];
        for (int64_t j = 0; j < w->n; j++)
            g->place[j * g->others + at] =
                (int32_t)g->first[f] + w->effect[f][g->order ? g->order[j] : j];
        at++;
    }
}

/* Chunks of whole levels and about as many rows; as many as the rows can pay sums for. */
static void cut_levels(within_plan *g, int64_t n, arena *keep) {
    g->chunks = n / CHUNK_ROWS + 1; /* break: more or fewer chunks */
    if (g->stack > 0 && g->chunks > n / g->stack) g->chunks = n / g->stack;
    if (g->chunks > CHUNKS_MOST) g->chunks = CHUNKS_MOST;
    if (g->chunks < 1) g->chunks = 1;
    g->cut = take(keep, int64_t, g->chunks + 1);
    for (int64_t c = 0, l = 0; c <= g->chunks; c++) {
        while (l < g->levels && g->start[l] < c * n / g->chunks) l++;
        g->cut[c] = c == g->chunks ? g->levels : l;
    }
}

void within_open(within *w, arena *keep) {
    within_plan *g = w->plan = take(keep, within_plan, 1);
    g->main = w->effects > 0 ? 0 : -1;
    for (int f = 1; f < w->effects; f++)
        if (w->levels[f] > w->levels[g->main]) g->main = f;
    g->others = w->effects > 0 ? w->effects - 1 : 0;
    g->levels = w->effects > 0 ? w->levels[g->main] : 1;
    g->start = take(keep, int64_t, g->levels + 1);
    if (w->effects > 0) sort_rows(g, w, keep);
    else g->start[1] = w->n;
    stack_others(g, w, keep);
    cut_levels(g, w->n, keep);
    g->mass = take_raw(keep, double, w->n);
    g->total = take(keep, double, g->levels);
    g->diagonal = take(keep, double, g->stack);
    g->part = take(keep, double, g->chunks * g->stack * PAIR);
    g->step = take(keep, double, g->stack * PAIR), g->image = take(keep, double, g->stack * PAIR);
    g->left = take(keep, double, g->stack * PAIR), g->guess = take(keep, double, g->stack * PAIR);
    for (int f = 0; f < w->effects; f++)
        w->total[f] = f == g->main ? g->total : g->diagonal + g->first[f];
    within_weigh(w);
}

within_column within_column_of(const within *w, const double *values, arena *keep) {
    return (within_column){.x = take_copy(keep, double, values, w->n),
                           .guess = take(keep, double, w->plan->stack)};
}

/* ---- passes over the rows of a chunk, for one or two columns ---- */

typedef struct pass {
    const within_plan *g;
    within_column *column[PAIR]; /* one alone stands twice */
    int columns;
    double sum[CHUNKS_MOST][PAIR], mean[PAIR];
} pass;

static int64_t row_of(const within_plan *g, int64_t j) { return g->order ? g->order[j] : j; }

static void sum_rows(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    pass *p = what;
    const within_plan *g = p->g;
    int64_t from = g->start[g->cut[chunk]], to = g->start[g->cut[chunk + 1]];
    for (int c = 0; c < p->columns; c++) {
        const double *x = p->column[c]->x;
        double sum = 0.0;
        for (int64_t j = from; j < to; j++) sum += g->mass[j] * x[row_of(g, j)];
        p->sum[chunk][c] = sum;
    }
}

static void sum_squares(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    pass *p = what;
    const within_plan *g = p->g;
    int64_t from = g->start[g->cut[chunk]], to = g->start[g->cut[chunk + 1]];
    for (int c = 0; c < p->columns; c++) {
        const double *x = p->column[c]->x;
        double sum = 0.0;
        for (int64_t j = from; j < to; j++) {
            double away = x[row_of(g, j)] - p->mean[c];
            sum += g->mass[j] * away * away;
        }
        p->sum[chunk][c] = sum;
    }
}

/* What the other effects say of row j, of both columns. */
static inline void value_at(const within_plan *g, const double *of, int64_t j, int others,
                            double *out) {
    double a = 0.0, b = 0.0;
    for (int f = 0; f < others; f++) {
        const double *at = of + (int64_t)g->place[j * others + f] * PAIR;
        a += at[0], b += at[1];
    }
    out[0] = a, out[1] = b;
}

static inline void scatter(const within_plan *g, double *to, int64_t j, int others, double a,
                           double b) {
    for (int f = 0; f < others; f++) {
        double *at = to + (int64_t)g->place[j * others + f] * PAIR;
        at[0] += a, at[1] += b;
    }
}

/* part = (D - N' D_i^-1 N) step of the chunk's rows: each is read once, its level's rows again. */
static inline void multiply_rows(const within_plan *g, int64_t chunk, int others) {
    double *to = g->part + chunk * g->stack * PAIR, v[PAIR];
    memset(to, 0, (size_t)(g->stack * PAIR) * sizeof *to);
    for (int64_t l = g->cut[chunk]; l < g->cut[chunk + 1]; l++) {
        double a = 0.0, b = 0.0;
        for (int64_t j = g->start[l]; j < g->start[l + 1]; j++) {
            value_at(g, g->step, j, others, v);
            a += g->mass[j] * v[0], b += g->mass[j] * v[1];
        }
        if (!(g->total[l] > 0)) continue;
        a /= g->total[l], b /= g->total[l];
        for (int64_t j = g->start[l]; j < g->start[l + 1]; j++) {
            value_at(g, g->step, j, others, v);
            scatter(g, to, j, others, g->mass[j] * (v[0] - a), g->mass[j] * (v[1] - b));
        }
    }
}

static void multiply(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const within_plan *g = ((pass *)what)->g;
    if (g->others == 1) multiply_rows(g, chunk, 1);
    else multiply_rows(g, chunk, g->others);
}

/* Takes guess and then the level's mean out of x: into part, or for good. */
static inline void residual_rows(const pass *p, int64_t chunk, bool done, int others) {
    const within_plan *g = p->g;
    double *to = g->part + chunk * g->stack * PAIR, v[PAIR];
    double *x = p->column[0]->x, *other = p->column[1]->x;
    memset(to, 0, (size_t)(g->stack * PAIR) * sizeof *to);
    for (int64_t l = g->cut[chunk]; l < g->cut[chunk + 1]; l++) {
        double a = 0.0, b = 0.0;
        for (int64_t j = g->start[l]; j < g->start[l + 1]; j++) {
            int64_t i = row_of(g, j);
            value_at(g, g->guess, j, others, v);
            a += g->mass[j] * (x[i] - v[0]), b += g->mass[j] * (other[i] - v[1]);
        }
        if (g->total[l] > 0) a /= g->total[l], b /= g->total[l];
        for (int64_t j = g->start[l]; j < g->start[l + 1]; j++) {
            int64_t i = row_of(g, j);
            value_at(g, g->guess, j, others, v);
            double left = x[i] - v[0] - a, beside = other[i] - v[1] - b;
            if (!done) scatter(g, to, j, others, g->mass[j] * left, g->mass[j] * beside);
            else if (p->columns > 1) x[i] = left, other[i] = beside;
            else x[i] = left;
        }
        for (int c = 0; c < p->columns && done && g->main >= 0; c++)
            if (p->column[c]->value[g->main]) p->column[c]->value[g->main][l] = c ? b : a;
    }
}

static void find_residual(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const pass *p = what;
    if (p->g->others == 1) residual_rows(p, chunk, false, 1);
    else residual_rows(p, chunk, false, p->g->others);
}

static void take_away(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const pass *p = what;
    if (p->g->others == 1) residual_rows(p, chunk, true, 1);
    else residual_rows(p, chunk, true, p->g->others);
}

/* ---- two columns ---- */

/* Sets spread; enough[PAIR] = tolerance standard deviations. */
static void measure(const within *w, pass *p, pool *threads, double *enough) {
    const within_plan *g = w->plan;
    double weights = 0.0;
    for (int64_t l = 0; l < g->levels; l++) weights += g->total[l];
    pool_for(threads, g->chunks, sum_rows, p);
    for (int c = 0; c < p->columns; c++) {
        double sum = 0.0;
        for (int64_t k = 0; k < g->chunks; k++) sum += p->sum[k][c];
        p->mean[c] = weights > 0 ? sum / weights : 0.0;
    }
    pool_for(threads, g->chunks, sum_squares, p);
    for (int c = 0; c < p->columns; c++) {
        double sum = 0.0;
        for (int64_t k = 0; k < g->chunks; k++) sum += p->sum[k][c];
        p->column[c]->spread = sum;
        enough[c] = w->tolerance * (weights > 0 ? sqrt(sum / weights) : 0.0);
    }
}

static void add_parts(const within_plan *g, double *to) {
    int64_t n = g->stack * PAIR;
    memcpy(to, g->part, (size_t)n * sizeof *to);
    for (int64_t k = 1; k < g->chunks; k++)
        for (int64_t t = 0; t < n; t++) to[t] += g->part[k * n + t];
}

/* left' D^-1 left of a column, and how far the next projection would move a value at most. */
static double weigh_left(const within_plan *g, int c, double *most) {
    double sum = 0.0;
    *most = 0.0;
    for (int64_t t = 0; t < g->stack; t++) {
        if (!(g->diagonal[t] > 0)) continue;
        double left = g->left[t * PAIR + c], moves = left / g->diagonal[t];
        sum += left * moves;
        *most = fmax(*most, fabs(moves));
    }
    return sum;
}

/* step = D^-1 left + part of the last step. */
static void turn(const within_plan *g, int c, double part) {
    for (int64_t t = 0; t < g->stack; t++) {
        double moves = g->diagonal[t] > 0 ? g->left[t * PAIR + c] / g->diagonal[t] : 0.0;
        g->step[t * PAIR + c] = moves + part * g->step[t * PAIR + c];
    }
}

/* Goes along the step as far as it helps; false when it leads nowhere: rounding is left. */
static bool walk(const within_plan *g, int c, double size) {
    double along = 0.0;
    for (int64_t t = c; t < g->stack * PAIR; t += PAIR) along += g->step[t] * g->image[t];
    if (!(along > 0)) return false;
    for (int64_t t = c; t < g->stack * PAIR; t += PAIR) {
        g->guess[t] += size / along * g->step[t];
        g->left[t] -= size / along * g->image[t];
    }
    return true;
}

static void solve(const within *w, pass *p, const double *enough, pool *threads) {
    const within_plan *g = w->plan;
    double size[PAIR], most;
    bool going[PAIR] = {false};
    pool_for(threads, g->chunks, find_residual, p);
    add_parts(g, g->left);
    for (int c = 0; c < p->columns; c++) {
        size[c] = weigh_left(g, c, &most);
        going[c] = most > enough[c];
        turn(g, c, 0.0);
    }
    for (int round = 1; going[0] || going[1]; round++) {
        for (int c = 0; c < p->columns; c++)
            if (going[c] && round >= w->rounds) p->column[c]->settled = going[c] = false;
        if (!going[0] && !going[1]) return;
        pool_for(threads, g->chunks, multiply, p);
        add_parts(g, g->image);
        for (int c = 0; c < p->columns; c++) {
            if (!going[c]) continue;
            going[c] = walk(g, c, size[c]);
            double before = size[c];
            size[c] = weigh_left(g, c, &most);
            going[c] = going[c] && most > enough[c];
            turn(g, c, going[c] ? size[c] / before : 0.0);
            p->column[c]->rounds++;
        }
    }
}

static void centre_pair(const within *w, within_column *a, within_column *b, pool *threads) {
    const within_plan *g = w->plan;
    pass p = {.g = g, .column = {a, b}, .columns = a == b ? 1 : PAIR};
    double enough[PAIR];
    measure(w, &p, threads, enough);
    a->settled = b->settled = true;
    a->rounds = b->rounds = w->effects > 0;
    for (int c = 0; c < p.columns; c++)
        for (int64_t t = 0; t < g->stack; t++)
            g->guess[t * PAIR + c] = p.column[c]->guess[t]; /* break: begins elsewhere */
    if (g->others > 0) solve(w, &p, enough, threads);
    pool_for(threads, g->chunks, take_away, &p);
    for (int c = 0; c < p.columns; c++)
        for (int64_t t = 0; t < g->stack; t++) p.column[c]->guess[t] = g->guess[t * PAIR + c];
    for (int c = 0; c < p.columns; c++)
        for (int f = 0; f < w->effects; f++)
            if (f != g->main && p.column[c]->value[f])
                memcpy(p.column[c]->value[f], p.column[c]->guess + g->first[f],
                       (size_t)w->levels[f] * sizeof(double));
}

void within_centre(const within *w, within_column *c, int columns, pool *threads) {
    for (int i = 0; i < columns; i += PAIR)
        centre_pair(w, &c[i], &c[i + 1 < columns ? i + 1 : i], threads);
}

int64_t within_present(const within *w, int effect) {
    int64_t present = 0;
    for (int32_t l = 0; l < w->levels[effect]; l++) present += w->total[effect][l] > 0;
    return present;
}

int64_t within_absorbed(const within *w) {
    int64_t absorbed = w->effects == 0;
    for (int f = 0; f < w->effects; f++) absorbed += within_present(w, f) - (f > 0);
    return absorbed;
}

bool within_nested(const within *w, int effect, const int32_t *cluster, arena scratch) {
    int32_t *in = take(&scratch, int32_t, w->levels[effect]);
    for (int64_t i = 0; i < w->n; i++) {
        int32_t *home = &in[w->effect[effect][i]];
        if (*home && *home != cluster[i] + 1) return false;
        *home = cluster[i] + 1;
    }
    return true;
}
