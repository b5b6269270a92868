/* linear: L2-regularised logistic regression on sparse and dense rows, for two or more classes. */
#include "models/language/linear.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    ROWS = 512,      /* rows a chunk */
    ENTRIES = 16384, /* matrix entries a chunk of columns, about */
    CG_STEPS = 200,
};

typedef double dot_kernel(const float *row, const double *w, int32_t wide);
typedef void add_kernel(double scale, const float *row, double *to, int32_t wide);
static dot_kernel *const dots[SIMD_KINDS] = SIMD_TABLE(linear_dot);
static add_kernel *const adds[SIMD_KINDS] = SIMD_TABLE(linear_add);

/* Everything that the passes over the data share. A point v is [features + 1, outputs]: the
 * weights and, in the last row, the intercepts. */
typedef struct problem {
    const linear_data *d;
    sparse columns; /* the transpose of d->x */
    int outputs;
    int64_t size;       /* (features + 1) outputs */
    double c;
    double *importance; /* [rows] c s_i */
    double *p;          /* [rows, outputs] probabilities at the current point */
    double *z, *r;      /* [rows, outputs] margins of a point or direction; what is pulled back */
    double *part;       /* [row chunks] sums of losses */
    int64_t *cut;       /* [cuts + 1] columns where a chunk of columns begins */
    int64_t cuts;
    pool *threads;
    double *dense_v;    /* [outputs, wide] the dense weights of v, times the dense weight */
    double *dense_part; /* [row chunks, outputs, wide] what each chunk pulls back to them */
    dot_kernel *dot;
    add_kernel *add;
    const double *v; /* input of the pass */
    double *out;     /* output of the pass */
} problem;

const char *linear_check(linear_params p) {
    if (!(p.c > 0) || !isfinite(p.c)) return "C must be above 0";
    if (p.max_iterations < 1) return "max_iterations must be at least 1";
    if (!(p.tolerance > 0)) return "tolerance must be above 0";
    return NULL;
}

size_t linear_memory(const linear_data *d) {
    size_t n = (size_t)d->x->rows, entries = (size_t)d->x->at[d->x->rows];
    size_t features = (size_t)d->x->cols + 1, outputs = d->classes == 2 ? 1 : (size_t)d->classes;
    size_t wide = (size_t)d->wide;
    return entries * 8 + features * 32 + (features + wide) * outputs * 64 +
           n * (outputs * 24 + 16) + (n / ROWS + 2) * outputs * wide * 8 + (4u << 20);
}

static int64_t row_chunks(const problem *q) { return (q->d->x->rows + ROWS - 1) / ROWS; }

static int64_t features_of(const linear_data *d) { return d->x->cols + d->wide; }

/* Adds what the dense rows of one chunk say to its margins. */
static void dense_margins(const problem *q, int64_t first, int64_t last) {
    int32_t wide = q->d->wide;
    for (int64_t i = first; wide > 0 && i < last; i++)
        for (int o = 0; o < q->outputs; o++)
            q->z[i * q->outputs + o] += q->dot(q->d->dense + i * wide,
                                               q->dense_v + (int64_t)o * wide, wide);
}

/* z = x v for the rows of one chunk. */
static void margins_chunk(const problem *q, int64_t first, int64_t last) {
    const sparse *x = q->d->x;
    int k = q->outputs;
    const double *bias = q->v + features_of(q->d) * k;
    for (int64_t i = first; i < last; i++) {
        double *z = q->z + i * k;
        if (k == 1) {
            double sum = bias[0];
            for (int64_t a = x->at[i]; a < x->at[i + 1]; a++)
                sum += (double)x->value[a] * q->v[x->col[a]];
            z[0] = sum;
            continue;
        }
        memcpy(z, bias, (size_t)k * sizeof *z);
        for (int64_t a = x->at[i]; a < x->at[i + 1]; a++) {
            const double *w = q->v + (int64_t)x->col[a] * k;
            for (int o = 0; o < k; o++) z[o] += (double)x->value[a] * w[o];
        }
    }
    dense_margins(q, first, last);
}

/* What the dense rows of one chunk pull back, while they are still in the cache. */
static void dense_pull(const problem *q, int64_t chunk, int64_t first, int64_t last) {
    int32_t wide = q->d->wide;
    int k = q->outputs;
    if (wide == 0) return;
    double *part = q->dense_part + chunk * k * wide;
    memset(part, 0, (size_t)k * (size_t)wide * sizeof *part);
    for (int64_t i = first; i < last; i++)
        for (int o = 0; o < k; o++)
            q->add(q->r[i * k + o], q->d->dense + i * wide, part + (int64_t)o * wide, wide);
}

/* Probabilities and loss of one row from its margins; p gets [outputs]. */
static double row_loss(const double *z, int k, int32_t label, double *p) {
    if (k == 1) {
        double y = label == 1 ? z[0] : -z[0], small = exp(-fabs(z[0]));
        p[0] = z[0] >= 0 ? 1 / (1 + small) : small / (1 + small);
        return log1p(small) + (y < 0 ? -y : 0);
    }
    double most = z[0], sum = 0;
    for (int o = 1; o < k; o++) most = z[o] > most ? z[o] : most;
    for (int o = 0; o < k; o++) sum += p[o] = exp(z[o] - most);
    for (int o = 0; o < k; o++) p[o] /= sum;
    return most + log(sum) - z[label];
}

/* Value pass: margins, losses, probabilities, and r = c s (p - y). */
static void value_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    problem *q = what;
    int64_t first = chunk * ROWS, n = q->d->x->rows;
    int64_t last = first + ROWS < n ? first + ROWS : n;
    int k = q->outputs;
    margins_chunk(q, first, last);
    double sum = 0;
    for (int64_t i = first; i < last; i++) {
        double *p = q->p + i * k, *r = q->r + i * k;
        int32_t label = q->d->label[i];
        sum += q->importance[i] * row_loss(q->z + i * k, k, label, p);
        for (int o = 0; o < k; o++)
            r[o] = q->importance[i] * (p[o] - (k == 1 ? label == 1 : label == o));
    }
    q->part[chunk] = sum;
    dense_pull(q, chunk, first, last);
}

/* Curvature pass: r = c s D x v, with D = p (1 - p), or diag(p) - p p'. */
static void curve_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    problem *q = what;
    int64_t first = chunk * ROWS, n = q->d->x->rows;
    int64_t last = first + ROWS < n ? first + ROWS : n;
    int k = q->outputs;
    margins_chunk(q, first, last);
    for (int64_t i = first; i < last; i++) {
        const double *p = q->p + i * k, *z = q->z + i * k;
        double *r = q->r + i * k, mean = 0;
        if (k == 1) {
            r[0] = q->importance[i] * p[0] * (1 - p[0]) * z[0];
            continue;
        }
        for (int o = 0; o < k; o++) mean += p[o] * z[o];
        for (int o = 0; o < k; o++) r[o] = q->importance[i] * p[o] * (z[o] - mean);
    }
    dense_pull(q, chunk, first, last);
}

/* out = v + x' r for a chunk of features (the penalty's own gradient is v). */
static void pull_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    problem *q = what;
    const sparse *t = &q->columns;
    int k = q->outputs;
    for (int64_t f = q->cut[chunk]; f < q->cut[chunk + 1]; f++) {
        double *out = q->out + f * k;
        memcpy(out, q->v + f * k, (size_t)k * sizeof *out);
        if (k == 1) {
            double sum = out[0];
            for (int64_t a = t->at[f]; a < t->at[f + 1]; a++)
                sum += (double)t->value[a] * q->r[t->col[a]];
            out[0] = sum;
            continue;
        }
        for (int64_t a = t->at[f]; a < t->at[f + 1]; a++) {
            const double *r = q->r + (int64_t)t->col[a] * k;
            for (int o = 0; o < k; o++) out[o] += (double)t->value[a] * r[o];
        }
    }
}

/* out = v + what the chunks of rows pulled back, in their order, for the dense features. */
static void gather_dense(const problem *q) {
    int32_t wide = q->d->wide;
    int k = q->outputs;
    const double *v = q->v + q->d->x->cols * k;
    double *out = q->out + q->d->x->cols * k;
    for (int o = 0; o < k; o++) {
        for (int32_t f = 0; f < wide; f++) {
            double sum = 0;
            for (int64_t c = 0; c < row_chunks(q); c++)
                sum += q->dense_part[(c * k + o) * wide + f];
            out[(int64_t)f * k + o] = v[(int64_t)f * k + o] + q->d->dense_weight * sum;
        }
    }
}

static void pull(problem *q, const double *v, double *out) {
    q->v = v;
    q->out = out;
    pool_for(q->threads, q->cuts, pull_chunk, q);
    gather_dense(q);
    int k = q->outputs;
    double *bias = out + features_of(q->d) * k;
    memset(bias, 0, (size_t)k * sizeof *bias);
    for (int64_t i = 0; i < q->d->x->rows; i++)
        for (int o = 0; o < k; o++) bias[o] += q->r[i * k + o];
}

static double dot(const double *a, const double *b, int64_t n) {
    double lanes[8] = {0}; /* a fixed order of adding that the compiler can vectorise */
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) lanes[l] += a[i + l] * b[i + l];
    for (; i < n; i++) lanes[i & 7] += a[i] * b[i];
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

static void add(double *to, double scale, const double *what, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += scale * what[i];
}

/* Makes v the input of the next pass over the rows. */
static void look_at(problem *q, const double *v) {
    int32_t wide = q->d->wide;
    const double *dense = v + q->d->x->cols * q->outputs;
    q->v = v;
    for (int o = 0; o < q->outputs; o++)
        for (int32_t f = 0; f < wide; f++)
            q->dense_v[(int64_t)o * wide + f] =
                q->d->dense_weight * dense[(int64_t)f * q->outputs + o];
}

/* The objective at v; leaves probabilities and residuals for gradient and curvature. */
static double value(problem *q, const double *v) {
    look_at(q, v);
    pool_for(q->threads, row_chunks(q), value_chunk, q);
    int64_t weights = features_of(q->d) * q->outputs;
    double sum = dot(v, v, weights) / 2;
    for (int64_t c = 0; c < row_chunks(q); c++) sum += q->part[c];
    return sum;
}

static void curvature(problem *q, const double *v, double *out) {
    look_at(q, v);
    pool_for(q->threads, row_chunks(q), curve_chunk, q);
    pull(q, v, out);
}

/* How far along `along` from s to the border of the trust region. */
static double to_border(const double *s, const double *along, double radius, int64_t n) {
    double sd = dot(s, along, n), ss = dot(s, s, n), dd = dot(along, along, n);
    double room = radius * radius - ss;
    double root = sqrt(sd * sd + dd * (room > 0 ? room : 0));
    return sd >= 0 ? room / (sd + root) : (root - sd) / dd;
}

/* Conjugate gradients for H s = -g inside |s| <= radius; r = -g - H s; work: 2 vectors. */
static void inner(problem *q, const double *g, double radius, double *s, double *r, double *work) {
    int64_t n = q->size;
    double *along = work, *h = work + n;
    for (int64_t i = 0; i < n; i++) s[i] = 0, r[i] = -g[i], along[i] = r[i];
    double rr = dot(r, r, n), enough = 0.01 * rr; /* |r| <= 0.1 |g| */
    for (int step = 0; step < CG_STEPS && rr > enough; step++) {
        curvature(q, along, h);
        double bend = dot(along, h, n);
        if (!(bend > 0)) return;
        double alpha = rr / bend;
        add(s, alpha, along, n);
        if (dot(s, s, n) > radius * radius) {
            add(s, -alpha, along, n);
            alpha = to_border(s, along, radius, n);
            add(s, alpha, along, n);
            add(r, -alpha, h, n);
            return;
        }
        add(r, -alpha, h, n);
        double next = dot(r, r, n), beta = next / rr;
        for (int64_t i = 0; i < n; i++) along[i] = r[i] + beta * along[i];
        rr = next;
    }
}

/* The new radius after a step of length `length` whose gain was `gained` of the `promised`. */
static double new_radius(double radius, double length, double gained, double promised, double gs) {
    double bow = -gained - gs; /* f(new) - f - g s */
    double alpha = bow <= 0 ? 4 : fmax(0.25, -0.5 * (gs / bow));
    if (gained < 1e-4 * promised) return fmin(fmax(alpha, 0.25) * length, 0.5 * radius);
    if (gained < 0.25 * promised) return fmax(0.25 * radius, fmin(alpha * length, 0.5 * radius));
    if (gained < 0.75 * promised) return fmax(0.25 * radius, fmin(alpha * length, 4 * radius));
    return fmax(radius, fmin(alpha * length, 4 * radius));
}

static void newton(problem *q, linear_params p, double *v, linear_model *m, arena scratch) {
    int64_t n = q->size;
    double *g = take(&scratch, double, n), *s = take(&scratch, double, n);
    double *r = take(&scratch, double, n), *work = take(&scratch, double, 2 * n);
    double *tried = take(&scratch, double, n);
    double f = value(q, v);
    pull(q, v, g);
    double start = sqrt(dot(g, g, n)), radius = start;
    m->gradient = start > 0;
    while (m->iterations < p.max_iterations && m->gradient > p.tolerance) {
        inner(q, g, radius, s, r, work);
        double gs = dot(g, s, n), promised = -0.5 * (gs - dot(s, r, n));
        double length = sqrt(dot(s, s, n));
        memcpy(tried, v, (size_t)n * sizeof *v);
        add(tried, 1, s, n);
        double f_new = value(q, tried), gained = f - f_new;
        if (m->iterations++ == 0) radius = fmin(radius, length);
        radius = new_radius(radius, length, gained, promised, gs);
        /* below the rounding of f no step can be judged any more */
        bool blind = fabs(gained) <= 1e-14 * fabs(f) && fabs(promised) <= 1e-14 * fabs(f);
        if (!(gained > 1e-4 * promised) && !blind) {
            if (!(radius > 1e-300)) return;
            value(q, v); /* probabilities of the old point again */
            continue;
        }
        f = f_new;
        memcpy(v, tried, (size_t)n * sizeof *v);
        pull(q, v, g);
        m->gradient = sqrt(dot(g, g, n)) / start;
        if (blind) return;
    }
}

/* Cuts the features into chunks of about ENTRIES entries: frequent words stand close together. */
static void cut_columns(problem *q, arena *scratch) {
    const sparse *t = &q->columns;
    q->cut = take(scratch, int64_t, t->at[t->rows] / ENTRIES + t->rows / ENTRIES + 4);
    int64_t load = 0;
    for (int64_t f = 0; f < t->rows; f++) {
        load += t->at[f + 1] - t->at[f] + 1; /* break: only balances chunks */
        if (load < ENTRIES && f + 1 < t->rows) continue;
        q->cut[++q->cuts] = f + 1;
        load = 0;
    }
}

/* Weights of the rows by their classes; false when fewer than two classes have rows. */
static bool weigh(problem *q, bool balanced, arena scratch) {
    const linear_data *d = q->d;
    int64_t *count = take(&scratch, int64_t, d->classes);
    int present = 0;
    for (int64_t i = 0; i < d->x->rows; i++) count[d->label[i]]++;
    for (int c = 0; c < d->classes; c++) present += count[c] > 0;
    for (int64_t i = 0; i < d->x->rows; i++) {
        double share = (double)count[d->label[i]] * present / (double)d->x->rows;
        q->importance[i] = balanced ? q->c / share : q->c;
    }
    return present >= 2;
}

/* What the passes need of memory. */
static void make_room(problem *q, arena *scratch) {
    const linear_data *d = q->d;
    q->columns = sparse_transpose(d->x, scratch);
    q->importance = take(scratch, double, d->x->rows);
    q->p = take(scratch, double, d->x->rows * q->outputs);
    q->z = take(scratch, double, d->x->rows * q->outputs);
    q->r = take(scratch, double, d->x->rows * q->outputs);
    q->part = take(scratch, double, row_chunks(q));
    q->dense_v = take(scratch, double, (int64_t)q->outputs * d->wide);
    q->dense_part = take(scratch, double, row_chunks(q) * q->outputs * d->wide);
    q->dot = dots[simd_level()];
    q->add = adds[simd_level()];
    cut_columns(q, scratch);
}

bool linear_fit(linear_model *m, const linear_data *d, linear_params p, pool *threads, arena *keep,
                arena scratch, err *e) {
    assert(arena_apart(keep, &scratch));
    const char *why = linear_check(p);
    if (why) return refuse(e, "logistic regression: %s", why);
    assert(features_of(d) < INT32_MAX && d->wide >= 0 && (d->wide == 0 || d->dense));
    assert(d->wide == 0 || d->dense_weight > 0);
    assert(d->classes >= 2 && d->classes <= 1000);
    for (int64_t i = 0; i < d->x->rows; i++) assert(d->label[i] >= 0 && d->label[i] < d->classes);
    problem q = {.d = d, .outputs = d->classes == 2 ? 1 : d->classes, .c = p.c, .threads = threads};
    q.size = (features_of(d) + 1) * q.outputs;
    make_room(&q, &scratch);
    if (!weigh(&q, p.balanced, scratch))
        return refuse(e, "logistic regression: all %lld rows have the same class",
                      (long long)d->x->rows);
    *m = (linear_model){.classes = d->classes, .outputs = q.outputs, .wide = d->wide,
                        .dense_weight = d->dense_weight};
    m->features = (int32_t)features_of(d);
    m->weight = take(keep, double, q.size);
    m->bias = m->weight + (int64_t)m->features * m->outputs;
    newton(&q, p, m->weight, m, scratch);
    return true;
}

typedef struct scoring {
    const linear_model *m;
    const sparse *x;
    const float *dense;
    double *dense_weight; /* [outputs, wide] */
    double *probability;
} scoring;

static void score_chunk(void *what, int64_t chunk, arena scratch) {
    const scoring *s = what;
    const linear_model *m = s->m;
    dot_kernel *say = dots[simd_level()];
    int64_t first = chunk * ROWS, last = first + ROWS < s->x->rows ? first + ROWS : s->x->rows;
    double *z = take(&scratch, double, m->outputs), *p = take(&scratch, double, m->outputs);
    for (int64_t i = first; i < last; i++) {
        memcpy(z, m->bias, (size_t)m->outputs * sizeof *z);
        for (int64_t a = s->x->at[i]; a < s->x->at[i + 1]; a++) {
            const double *w = m->weight + (int64_t)s->x->col[a] * m->outputs;
            for (int o = 0; o < m->outputs; o++) z[o] += (double)s->x->value[a] * w[o];
        }
        for (int o = 0; m->wide > 0 && o < m->outputs; o++)
            z[o] += say(s->dense + i * m->wide, s->dense_weight + (int64_t)o * m->wide, m->wide);
        row_loss(z, m->outputs, 0, p);
        double *out = s->probability + i * m->classes;
        if (m->outputs > 1) memcpy(out, p, (size_t)m->outputs * sizeof *out);
        else out[1] = p[0], out[0] = 1 - p[0];
    }
}

void linear_score(const linear_model *m, const sparse *x, const float *dense, pool *threads,
                  double *probability, arena scratch) {
    assert(x->cols == m->features - m->wide && (m->wide == 0 || dense || x->rows == 0));
    scoring s = {m, x, dense, take(&scratch, double, (int64_t)m->outputs * m->wide), probability};
    const double *from = m->weight + x->cols * m->outputs;
    for (int32_t f = 0; f < m->wide; f++)
        for (int o = 0; o < m->outputs; o++)
            s.dense_weight[(int64_t)o * m->wide + f] =
                m->dense_weight * from[(int64_t)f * m->outputs + o];
    pool_for(threads, (x->rows + ROWS - 1) / ROWS, score_chunk, &s);
}
