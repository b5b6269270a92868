/* paths: where sessions go from step to step. */
#include "models/behaviour/paths.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/order.h"

/* Sessions are cut into so many, or so that their counts take that room, whatever the threads. */
enum { PIECES = 16, MOST_COUNTS = 1 << 25 };

typedef struct job {
    const paths_log *log;
    paths_params p;
    int pieces;
    paths_graph *piece; /* [pieces] */
    int32_t *seen;      /* [pieces, edges] 1 + the last user of each edge */
} job;

const char *paths_check(paths_params p, int events) {
    if (p.depth < 1 || p.depth > PATHS_DEPTH) return "the depth is 1 to 20 steps";
    if (events < 1 || events > PATHS_EVENTS) return "paths have 1 to 64 different events";
    if (p.anchor >= events) return "the anchor is none of the events";
    if (p.backwards && p.anchor < 0) return "backwards goes from an anchor";
    return NULL;
}

static int64_t edges_of(const paths_graph *g) {
    return (int64_t)g->depth * g->events * (g->events + 1);
}

static int64_t edge_at(const paths_graph *g, int step, int from, int to) {
    return ((int64_t)step * g->events + from) * (g->events + 1) + to;
}

static void open_graph(paths_graph *g, int events, int depth, arena *keep) {
    *g = (paths_graph){.events = events, .depth = depth};
    g->at = take(keep, int64_t, (int64_t)(depth + 1) * (events + 1));
    g->edge = take(keep, int64_t, edges_of(g));
    g->users = take(keep, int64_t, edges_of(g));
    g->times = take(keep, int64_t, edges_of(g) * FUNNEL_BUCKETS);
}

/* Where the path of a session begins: an index of the log, or -1. */
static int64_t begin_of(const job *j, int64_t session) {
    int64_t i = j->log->first[session], end = j->log->first[session + 1];
    while (i < end && j->p.anchor >= 0 && j->log->token[i] != j->p.anchor) i++;
    return i < end ? i : -1;
}

/* The next token that is another one; -1 at the end of the session. */
static int64_t next_of(const job *j, int64_t session, int64_t i) {
    int64_t step = j->p.backwards ? -1 : 1, from = i;
    int64_t low = j->log->first[session], high = j->log->first[session + 1];
    while (i >= low && i < high && j->log->token[i] == j->log->token[from]) i += step;
    return i >= low && i < high ? i : -1;
}

static void walk(const job *j, paths_graph *g, int32_t *seen, int64_t session) {
    int64_t i = begin_of(j, session);
    int32_t user = j->log->user[session] + 1;
    if (i < 0) return;
    g->paths++;
    for (int k = 0; k <= g->depth; k++) {
        int token = i < 0 ? g->events : j->log->token[i];
        g->at[k * (g->events + 1) + token]++;
        if (i < 0 || k == g->depth) continue;
        int64_t next = next_of(j, session, i);
        int64_t e = edge_at(g, k, token, next < 0 ? g->events : j->log->token[next]);
        g->edge[e]++;
        g->users[e] += seen[e] != user;
        seen[e] = user;
        if (next >= 0) {
            int64_t waited = j->log->time[next] - j->log->time[i];
            g->times[e * FUNNEL_BUCKETS + funnel_bucket(waited < 0 ? -waited : waited)]++;
        }
        i = next;
    }
}

/* The first session of a piece: never in the middle of a user. */
static int64_t begin_piece(const paths_log *log, int64_t piece, int pieces) {
    int64_t s = piece * log->sessions / pieces;
    while (s > 0 && s < log->sessions && log->user[s] == log->user[s - 1]) s++;
    return s;
}

static void walk_piece(void *what, int64_t piece, arena scratch) {
    (void)scratch;
    const job *j = what;
    paths_graph *g = &j->piece[piece];
    int64_t end = begin_piece(j->log, piece + 1, j->pieces);
    for (int64_t s = begin_piece(j->log, piece, j->pieces); s < end; s++)
        walk(j, g, j->seen + piece * edges_of(g), s);
}

static void add(int64_t *to, const int64_t *from, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] += from[i];
}

void paths_count(paths_graph *out, const paths_log *log, paths_params p, pool *threads,
                 arena *keep, arena scratch) {
    assert(!paths_check(p, log->events));
    open_graph(out, log->events, p.depth, keep);
    int64_t edges = edges_of(out), fit = MOST_COUNTS / (edges * FUNNEL_BUCKETS);
    job j = {.log = log, .p = p, .pieces = fit < 1 ? 1 : fit < PIECES ? (int)fit : PIECES};
    j.piece = take(&scratch, paths_graph, j.pieces);
    for (int i = 0; i < j.pieces; i++) open_graph(&j.piece[i], log->events, p.depth, &scratch);
    j.seen = take(&scratch, int32_t, j.pieces * edges);
    pool_for(threads, j.pieces, walk_piece, &j);
    for (int i = 0; i < j.pieces; i++) {
        out->paths += j.piece[i].paths;
        add(out->at, j.piece[i].at, (int64_t)(p.depth + 1) * (log->events + 1));
        add(out->edge, j.piece[i].edge, edges);
        add(out->users, j.piece[i].users, edges);
        add(out->times, j.piece[i].times, edges * FUNNEL_BUCKETS);
    }
}

double paths_median(const paths_graph *g, int step, int from, int to) {
    if (to == g->events) return NAN;
    /* one edge's buckets as a table of one group and one step */
    funnel_table t = {.steps = 1, .groups = 1,
                      .times = g->times + edge_at(g, step, from, to) * FUNNEL_BUCKETS};
    return funnel_time_quantile(&t, 0, 0, 0.5);
}

/* ---- sequences ---- */

typedef struct counting {
    const paths_log *log;
    int goal, gap;
    int64_t cells;       /* of one piece: pairs, then triples */
    int64_t *has, *won;  /* [PIECES, cells] */
    int32_t *seen;       /* [PIECES, cells] 1 + session within the piece */
    int64_t converted[PIECES];
} counting;

static int64_t cell_of(int events, int a, int b, int c) {
    int64_t pairs = (int64_t)events * events;
    return c < 0 ? (int64_t)a * events + b : pairs + ((int64_t)a * events + b) * events + c;
}

typedef struct visit {
    int64_t *has, *won;
    int32_t *seen, stamp;
    bool converted;
} visit;

static void count_cell(visit *v, int64_t cell) {
    if (v->seen[cell] == v->stamp) return;
    v->seen[cell] = v->stamp;
    v->has[cell]++;
    v->won[cell] += v->converted;
}

static void count_visit(const counting *c, visit *v, const uint8_t *token, int64_t n) {
    int events = c->log->events;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = i + 1; k < n && k <= i + c->gap; k++) {
            count_cell(v, cell_of(events, token[i], token[k], -1));
            for (int64_t l = k + 1; l < n && l <= k + c->gap; l++)
                count_cell(v, cell_of(events, token[i], token[k], token[l]));
        }
}

/* Tokens before the first goal, without repeats in a row. */
static int64_t shorten(const counting *c, int64_t session, uint8_t *to, bool *converted) {
    int64_t n = 0;
    *converted = false;
    for (int64_t i = c->log->first[session]; i < c->log->first[session + 1]; i++) {
        uint8_t token = c->log->token[i];
        if (token == c->goal) return *converted = true, n;
        if (n == 0 || to[n - 1] != token) to[n++] = token;
    }
    return n;
}

static void count_piece(void *what, int64_t piece, arena scratch) {
    counting *c = what;
    int64_t from = piece * c->log->sessions / PIECES, end = (piece + 1) * c->log->sessions / PIECES;
    int64_t longest = 0;
    for (int64_t s = from; s < end; s++)
        if (c->log->first[s + 1] - c->log->first[s] > longest)
            longest = c->log->first[s + 1] - c->log->first[s];
    uint8_t *token = take(&scratch, uint8_t, longest);
    visit v = {c->has + piece * c->cells, c->won + piece * c->cells, c->seen + piece * c->cells, 0,
               false};
    for (int64_t s = from; s < end; s++) {
        int64_t n = shorten(c, s, token, &v.converted);
        v.stamp++;
        c->converted[piece] += v.converted;
        count_visit(c, &v, token, n);
    }
}

static sequence sequence_of(const counting *c, int64_t cell) {
    int events = c->log->events;
    int64_t pairs = (int64_t)events * events, code = cell < pairs ? cell : cell - pairs;
    sequence s = {.n = cell < pairs ? 2 : 3, .sessions = c->has[cell], .converted = c->won[cell]};
    for (int k = s.n - 1; k >= 0; k--, code /= events) s.token[k] = (uint8_t)(code % events);
    return s;
}

/* The commonest first, of equal ones pairs before triples, then by their tokens. */
static void keep_common(sequence_list *out, const counting *c, double support, arena *keep,
                        arena scratch) {
    int64_t least = (int64_t)ceil(support * (double)out->sessions), n = 0;
    int32_t *cell = take(&scratch, int32_t, c->cells);
    double *sessions = take(&scratch, double, c->cells);
    for (int64_t i = 0; i < c->cells; i++) {
        sessions[i] = (double)c->has[i];
        if (c->has[i] > 0 && c->has[i] >= least) cell[n++] = (int32_t)i;
    }
    order_down(cell, n, sessions, scratch);
    out->n = n;
    out->list = take(keep, sequence, n);
    for (int64_t i = 0; i < n; i++) out->list[i] = sequence_of(c, cell[i]);
}

void sequences_count(sequence_list *out, const paths_log *log, int goal, int gap, double support,
                     pool *threads, arena *keep, arena scratch) {
    assert(log->events <= SEQUENCE_EVENTS && gap >= 1 && log->sessions < INT32_MAX);
    int64_t e = log->events;
    counting c = {.log = log, .goal = goal, .gap = gap, .cells = e * e + e * e * e};
    c.has = take(&scratch, int64_t, PIECES * c.cells);
    c.won = take(&scratch, int64_t, PIECES * c.cells);
    c.seen = take(&scratch, int32_t, PIECES * c.cells);
    *out = (sequence_list){.sessions = log->sessions};
    pool_for(threads, PIECES, count_piece, &c);
    for (int i = 0; i < PIECES; i++) {
        out->converted += c.converted[i];
        if (i == 0) continue;
        add(c.has, c.has + i * c.cells, c.cells);
        add(c.won, c.won + i * c.cells, c.cells);
    }
    keep_common(out, &c, support, keep, scratch);
}
