/* paths_say: where sessions go, for scripts and the dashboard. */
#include "surfaces/paths_say.h"

#include <math.h>

const char *paths_say_name(const paths_told *w, int token) {
    return token == w->log->events ? "(exit)" : w->names[token];
}

void paths_say_counts(const paths_told *w, paths_params p, const paths_graph *g, int64_t users,
                      js *out) {
    const char *from = p.anchor < 0  ? "from their start"
                       : p.backwards ? "backwards from their first "
                                     : "from their first ";
    js_putf(out, "definition", "Sessions %s%s, repeats of one event in a row being one; a path "
            "that is over counts at (exit) of each later step.", from,
            p.anchor < 0 ? "" : w->names[p.anchor]);
    js_put_int(out, "users", users);
    js_put_int(out, "sessions", w->log->sessions);
    js_put_int(out, "paths", g->paths);
}

void paths_say_steps(const paths_told *w, const paths_graph *g, js *out) {
    js_array(out, "steps");
    for (int k = 0; k <= g->depth; k++) {
        js_object(out, NULL);
        for (int t = 0; t <= g->events; t++) {
            int64_t n = g->at[k * (g->events + 1) + t];
            if (n) js_put_int(out, paths_say_name(w, t), n);
        }
        js_end(out);
    }
    js_end(out);
    js_array(out, "moves");
    for (int k = 0; k < g->depth; k++)
        for (int t = 0; t < g->events; t++)
            for (int to = 0; to <= g->events; to++) {
                int64_t at = ((int64_t)k * g->events + t) * (g->events + 1) + to;
                if (g->edge[at] == 0) continue;
                js_object(out, NULL);
                js_put_int(out, "step", k + 1);
                js_put_word(out, "source", paths_say_name(w, t));
                js_put_word(out, "target", paths_say_name(w, to));
                js_put_int(out, "paths", g->edge[at]);
                js_put_int(out, "users", g->users[at]);
                js_put_fixed(out, "median_seconds", paths_median(g, k, t, to), 1);
                js_end(out);
            }
    js_end(out);
}

void paths_say_rate(js *out, const char *key, int64_t k, int64_t n) {
    interval i = interval_wilson(k, n);
    js_object(out, key);
    js_put_real(out, "value", i.value);
    js_put_real(out, "low", i.low);
    js_put_real(out, "high", i.high);
    js_end(out);
}

enum { SEQUENCES = 200, SEQUENCE_GAP = 3 };

void paths_say_sequences(const paths_told *w, int goal, double support, pool *threads, scope *s,
                         js *out) {
    sequence_list l;
    sequences_count(&l, w->log, goal, SEQUENCE_GAP, support, threads, &s->keep, s->scratch);
    double all = l.sessions ? (double)l.converted / (double)l.sessions : 0.0;
    js_array(out, "sequences");
    for (int64_t i = 0; i < l.n && i < SEQUENCES; i++) {
        const sequence *q = &l.list[i];
        js_object(out, NULL);
        js_array(out, "events");
        for (int k = 0; k < q->n; k++) js_put_word(out, NULL, w->names[q->token[k]]);
        js_end(out);
        js_put_int(out, "sessions", q->sessions);
        js_put_int(out, "converted", q->converted);
        paths_say_rate(out, "conversion", q->converted, q->sessions);
        js_put_real(out, "lift",
                    all > 0 ? (double)q->converted / (double)q->sessions / all : (double)NAN);
        js_end(out);
    }
    js_end(out);
    paths_say_rate(out, "conversion", l.converted, l.sessions);
}
