/* trajectories: kinds of sessions by the order of their events, and how many of each convert. */
#include "models/behaviour/trajectories.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"

#define PRIOR_WEIGHT 1.0 /* events a row, of the moves of all */

enum { TRIES = 8, ROUNDS = 200, VAIN = 2 };

/* ---- sessions as moves ---- */

typedef struct walks {
    int side;            /* events + 1 */
    int64_t n;           /* sessions with an event before the goal */
    int64_t *first;      /* [n + 1] of the moves */
    int32_t *move;       /* a * side + b */
    int64_t *session;    /* [n] of the log */
} walks;

/* The events before the first goal; also whether it is there. */
static int64_t length_of(const paths_log *log, int64_t k, int goal, bool *converted) {
    int64_t i = log->first[k];
    while (i < log->first[k + 1] && log->token[i] != goal) i++;
    *converted = i < log->first[k + 1];
    return i - log->first[k];
}

static walks read_walks(const paths_log *log, int goal, arena *keep) {
    int64_t events = log->first[log->sessions];
    walks w = {.side = log->events + 1,
               .first = take(keep, int64_t, log->sessions + 1),
               .move = take_raw(keep, int32_t, events + log->sessions),
               .session = take_raw(keep, int64_t, log->sessions)};
    for (int64_t k = 0, at = 0; k < log->sessions; k++) {
        bool converted;
        int64_t n = length_of(log, k, goal, &converted);
        int from = log->events;
        if (n == 0) continue;
        for (int64_t i = 0; i < n; i++) {
            int to = log->token[log->first[k] + i];
            w.move[at++] = from * w.side + to;
            from = to;
        }
        w.move[at++] = from * w.side + log->events;
        w.session[w.n++] = k;
        w.first[w.n] = at;
    }
    return w;
}

/* Every n-th from `from` on. */
static walks part_of(const walks *all, int64_t from, int64_t every, arena *keep) {
    walks w = {.side = all->side, .first = take(keep, int64_t, all->n / every + 2)};
    w.move = take_raw(keep, int32_t, all->first[all->n]);
    for (int64_t k = from; k < all->n; k += every) {
        int64_t n = all->first[k + 1] - all->first[k], at = w.first[w.n];
        memcpy(w.move + at, all->move + all->first[k], (size_t)n * sizeof *w.move);
        w.first[++w.n] = at + n;
    }
    return w;
}

/* ---- the mixture ---- */

typedef struct mixture {
    int kinds, cells;  /* cells: side · side */
    double *prior;     /* [TRAJECTORIES_KINDS] */
    double *move, *ln; /* [TRAJECTORIES_KINDS, cells] */
} mixture;

typedef struct fitting {
    const walks *w;
    double *base;        /* [cells] moves of all */
    double *share;       /* [n, TRAJECTORIES_KINDS] of each session in each kind */
    mixture now, tried, best;
} fitting;

static mixture mixture_new(int cells, arena *keep) {
    return (mixture){0, cells, take(keep, double, TRAJECTORIES_KINDS),
                     take(keep, double, TRAJECTORIES_KINDS * cells),
                     take(keep, double, TRAJECTORIES_KINDS * cells)};
}

static void mixture_copy(mixture *to, const mixture *from) {
    size_t n = (size_t)from->kinds * (size_t)from->cells;
    to->kinds = from->kinds;
    memcpy(to->prior, from->prior, (size_t)from->kinds * sizeof *to->prior);
    memcpy(to->move, from->move, n * sizeof *to->move);
    memcpy(to->ln, from->ln, n * sizeof *to->ln);
}

static double ln_of(const mixture *m, int k, const walks *w, int64_t session) {
    const double *ln = m->ln + (int64_t)k * m->cells;
    double sum = 0;
    for (int64_t i = w->first[session]; i < w->first[session + 1]; i++) sum += ln[w->move[i]];
    return sum;
}

/* Shares of one session; returns ln P(session). */
static double expect(const mixture *m, const walks *w, int64_t session, double *share) {
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < m->kinds; k++) {
        share[k] = log(m->prior[k]) + ln_of(m, k, w, session);
        most = fmax(most, share[k]);
    }
    for (int k = 0; k < m->kinds; k++) sum += share[k] = exp(share[k] - most);
    for (int k = 0; k < m->kinds; k++) share[k] /= sum;
    return most + log(sum);
}

static void maximise(mixture *m, const fitting *f) {
    const walks *w = f->w;
    memset(m->move, 0, (size_t)m->kinds * (size_t)m->cells * sizeof *m->move);
    memset(m->prior, 0, (size_t)m->kinds * sizeof *m->prior);
    for (int64_t s = 0; s < w->n; s++)
        for (int k = 0; k < m->kinds; k++) {
            double share = f->share[s * TRAJECTORIES_KINDS + k];
            double *move = m->move + (int64_t)k * m->cells;
            m->prior[k] += share;
            for (int64_t i = w->first[s]; i < w->first[s + 1]; i++) move[w->move[i]] += share;
        }
    for (int k = 0; k < m->kinds; k++) {
        /* one session more in each keeps its logarithm finite */
        m->prior[k] = (m->prior[k] + 1) / (double)(w->n + m->kinds);
        for (int a = 0; a < w->side; a++) {
            int64_t row = (int64_t)k * m->cells + (int64_t)a * w->side;
            double sum = 0;
            for (int b = 0; b < w->side; b++) sum += m->move[row + b];
            for (int b = 0; b < w->side; b++) {
                double base = f->base[a * w->side + b];
                m->move[row + b] = (m->move[row + b] + PRIOR_WEIGHT * base) / (sum + PRIOR_WEIGHT);
                m->ln[row + b] = log(m->move[row + b]);
            }
        }
    }
}

/* ln P of the sample after at most so many rounds. */
static double climb(mixture *m, fitting *f, int rounds) {
    double before = -INFINITY;
    for (int i = 0; i < rounds; i++) {
        double now = 0;
        for (int64_t s = 0; s < f->w->n; s++)
            now += expect(m, f->w, s, f->share + s * TRAJECTORIES_KINDS);
        if (now - before <= 1e-7 * fabs(now)) return now;
        before = now;
        maximise(m, f);
    }
    return before;
}

/* From f->now, kind k cut in the halves that it explains better and worse a move. */
static void split(mixture *to, fitting *f, int k, arena scratch) {
    const walks *w = f->w;
    double *each = take(&scratch, double, w->n), *share = f->share;
    int32_t *order = order_count(w->n, &scratch);
    int64_t own = 0;
    for (int64_t s = 0; s < w->n; s++) {
        expect(&f->now, w, s, share + s * TRAJECTORIES_KINDS);
        share[s * TRAJECTORIES_KINDS + f->now.kinds] = 0;
        if (share[s * TRAJECTORIES_KINDS + k] < 0.5) continue;
        each[own] = ln_of(&f->now, k, w, s) / (double)(w->first[s + 1] - w->first[s]);
        order[own++] = (int32_t)s;
    }
    int32_t *place = order_count(own, &scratch);
    order_up(place, own, each, scratch);
    for (int64_t i = 0; i < own / 2; i++) {
        double *worse = share + (int64_t)order[place[i]] * TRAJECTORIES_KINDS;
        worse[f->now.kinds] = worse[k];
        worse[k] = 0;
    }
    to->kinds = f->now.kinds + 1;
    maximise(to, f);
}

static void open_fitting(fitting *f, const walks *w, arena *keep) {
    int cells = w->side * w->side;
    *f = (fitting){w, take(keep, double, cells),
                   take(keep, double, w->n * TRAJECTORIES_KINDS), mixture_new(cells, keep),
                   mixture_new(cells, keep), mixture_new(cells, keep)};
    for (int64_t i = 0; i < w->first[w->n]; i++) f->base[w->move[i]]++;
    for (int a = 0; a < w->side; a++) {
        double sum = 0;
        for (int b = 0; b < w->side; b++) sum += f->base[a * w->side + b];
        for (int b = 0; b < w->side; b++) /* half an event more: what was not seen is possible */
            f->base[a * w->side + b] = (f->base[a * w->side + b] + 0.5) / (sum + 0.5 * w->side);
    }
    for (int64_t s = 0; s < w->n; s++) f->share[s * TRAJECTORIES_KINDS] = 1;
    f->now.kinds = 1;
    maximise(&f->now, f);
}

/* The best mixture of one kind more, in f->now. */
static void grow(fitting *f, arena scratch) {
    double most = -INFINITY;
    mixture chosen = mixture_new(f->now.cells, &scratch);
    for (int k = 0; k < f->now.kinds; k++) {
        split(&f->tried, f, k, scratch);
        double reached = climb(&f->tried, f, TRIES);
        if (reached <= most) continue;
        most = reached;
        mixture_copy(&chosen, &f->tried);
    }
    mixture_copy(&f->now, &chosen);
    climb(&f->now, f, ROUNDS);
}

/* ln P of each other session, and how much that is over before: mean and its standard error. */
static double judge(const mixture *m, const walks *others, const double *before, double *now,
                    double *gain, double *se) {
    double sum = 0, squares = 0, all = 0, n = (double)others->n, share[TRAJECTORIES_KINDS];
    for (int64_t s = 0; s < others->n; s++) {
        now[s] = expect(m, others, s, share);
        double more = now[s] - before[s];
        all += now[s], sum += more, squares += more * more;
    }
    *gain = sum / n;
    *se = sqrt(fmax(0, squares / n - *gain * *gain) / n);
    return all / n;
}

static void choose(trajectories *out, fitting *f, const walks *others, int most, arena scratch) {
    double gain, se, *kept = take(&scratch, double, others->n);
    double *now = take(&scratch, double, others->n);
    climb(&f->now, f, ROUNDS);
    mixture_copy(&f->best, &f->now);
    if (others->n == 0) return;
    out->score[0] = judge(&f->now, others, kept, kept, &gain, &se);
    for (int kinds = 2, vain = 0; kinds <= most && kinds <= f->w->n && vain < VAIN; kinds++) {
        grow(f, scratch);
        out->score[kinds - 1] = judge(&f->now, others, kept, now, &gain, &se);
        vain++;
        if (gain <= 2 * se) continue;
        vain = 0;
        mixture_copy(&f->best, &f->now);
        memcpy(kept, now, (size_t)others->n * sizeof *kept);
    }
}

/* ---- what each kind is ---- */

static int likeliest(const mixture *m, const walks *w, int64_t session) {
    double share[TRAJECTORIES_KINDS];
    int best = 0;
    expect(m, w, session, share);
    for (int k = 1; k < m->kinds; k++)
        if (share[k] > share[best]) best = k;
    return best;
}

static double median_of(double *x, int64_t n, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, x, scratch);
    return n == 0 ? NAN : 0.5 * (x[order[(n - 1) / 2]] + x[order[n / 2]]);
}

static void describe(trajectories *out, int k, const paths_log *log, const walks *w, int goal,
                     arena *keep, arena scratch) {
    trajectory_kind *of = &out->of[k];
    double *events = take(&scratch, double, w->n), *seconds = take(&scratch, double, w->n);
    *of = (trajectory_kind){.count = take(keep, int64_t, log->events)};
    for (int64_t s = 0; s < w->n; s++) {
        int64_t session = w->session[s], first = log->first[session];
        bool converted;
        if (out->kind[session] != k) continue;
        int64_t n = length_of(log, session, goal, &converted);
        for (int64_t i = first; i < first + n; i++)
            of->count[log->token[i]]++, out->count[log->token[i]]++;
        events[of->sessions] = (double)n;
        seconds[of->sessions++] = (double)(log->time[first + n - 1] - log->time[first]) / 1e6;
        of->converted += converted;
    }
    of->events = median_of(events, of->sessions, scratch);
    of->seconds = median_of(seconds, of->sessions, scratch);
}

/* Kinds by how many sessions are of them; those of none are left out. */
static void assign(trajectories *out, const mixture *m, const paths_log *log, const walks *w,
                   arena *keep, arena scratch) {
    double size[TRAJECTORIES_KINDS] = {0};
    uint8_t place[TRAJECTORIES_KINDS];
    int32_t *order = order_count(m->kinds, &scratch);
    memset(out->kind, TRAJECTORIES_NONE, (size_t)log->sessions);
    for (int64_t s = 0; s < w->n; s++) {
        int k = likeliest(m, w, s);
        out->kind[w->session[s]] = (uint8_t)k;
        size[k]++;
    }
    order_down(order, m->kinds, size, scratch);
    out->prior = take(keep, double, m->kinds);
    out->move = take(keep, double, m->kinds * m->cells);
    for (int i = 0; i < m->kinds && size[order[i]] > 0; i++) {
        place[order[i]] = (uint8_t)i;
        out->prior[i] = m->prior[order[i]];
        memcpy(out->move + (int64_t)i * m->cells, m->move + (int64_t)order[i] * m->cells,
               (size_t)m->cells * sizeof *out->move);
        out->kinds++;
    }
    for (int64_t s = 0; s < w->n; s++)
        out->kind[w->session[s]] = place[out->kind[w->session[s]]];
}

void trajectories_fit(trajectories *out, const paths_log *log, int goal, int most, arena *keep,
                      arena scratch) {
    fitting f;
    assert(most >= 1 && most <= TRAJECTORIES_KINDS && log->events <= PATHS_EVENTS);
    walks all = read_walks(log, goal, &scratch);
    int64_t every = 2 * ((all.n + 2 * TRAJECTORIES_SAMPLE - 1) / (2 * TRAJECTORIES_SAMPLE));
    *out = (trajectories){.events = log->events, .sessions = all.n,
                          .kind = take(keep, uint8_t, log->sessions),
                          .of = take(keep, trajectory_kind, TRAJECTORIES_KINDS),
                          .count = take(keep, int64_t, log->events)};
    for (int k = 0; k <= TRAJECTORIES_KINDS; k++) out->score[k] = NAN;
    memset(out->kind, TRAJECTORIES_NONE, (size_t)log->sessions);
    if (all.n == 0) return;
    walks some = part_of(&all, 0, every, &scratch), others = part_of(&all, 1, every, &scratch);
    open_fitting(&f, &some, &scratch);
    choose(out, &f, &others, most, scratch);
    assign(out, &f.best, log, &all, keep, scratch);
    for (int k = 0; k < out->kinds; k++) describe(out, k, log, &all, goal, keep, scratch);
}
