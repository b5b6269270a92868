/* view_alive: how probable it was, day by day, that a customer was still there. */
#include <math.h>

#include "models/segment/clv.h"
#include "surfaces/view_segment.h"

enum { POINTS = 120 }; /* at most, and one more a purchase */

typedef struct alive_model {
    clv_kind kind;
    double p[4]; /* clv.h, times in weeks */
    int32_t end; /* the first day that is not known */
} alive_model;

/* The model of the shop; false where the bundle has none. */
static bool model_of(const js_node *file, alive_model *m) {
    const js_node *clv = js_get(file, "clv");
    slice name, as_of;
    if (!js_text(js_get(clv, "model"), &name) || !js_text(js_get(file, "as_of"), &as_of) ||
        !day_parse(as_of, &m->end))
        return false;
    for (int k = 0; k < CLV_KINDS; k++) {
        bool known = slice_is(name, clv_names[k]);
        m->kind = k;
        for (int i = 0; i < 4 && known; i++)
            known = js_real(js_get(js_get(clv, "parameters"), clv_parameter_names[k][i]),
                            &m->p[i]) && m->p[i] > 0;
        if (known) return true;
    }
    return false;
}

/* With x repeat purchases, the last on `latest`, seen from the evening of `today`. */
static double alive(const alive_model *m, int x, int32_t first, int32_t latest, int32_t today) {
    return clv_alive(m->kind, m->p, x, (latest - first) / 7.0, (today - first) / 7.0);
}

/* Visits the points: the evening of each purchase, the one before the next, and some between. */
static void put_path(js *j, const alive_model *m, const int32_t *day, int n, bool days) {
    int32_t last = m->end - 1, step = (last - day[0]) / POINTS + 1;
    for (int x = 0; x < n; x++) {
        int32_t until = x + 1 < n ? day[x + 1] - 1 : last;
        for (int32_t at = day[x], next; at <= until; at = next) {
            next = at < until && at + step > until ? until : at + step;
            if (days) view_day(j, NULL, at);
            else view_number(j, NULL, alive(m, x, day[0], day[x], at));
        }
    }
}

void view_alive(view *v, int64_t customer) {
    const bundle_segment *s = &v->b->segment;
    alive_model m;
    int64_t from = customer >= 0 && s->days ? s->days_at[customer] : 0;
    int n = customer >= 0 && s->days ? (int)(s->days_at[customer + 1] - from) : 0;
    if (n == 0 || !model_of(v->b->pages[BUNDLE_SEGMENTS].root, &m) ||
        s->days[from + n - 1] >= m.end) {
        js_put_null(v->j, "alive");
        return;
    }
    const int32_t *day = s->days + from;
    js_object(v->j, "alive");
    js_put_word(v->j, "model", clv_names[m.kind]);
    js_array(v->j, "purchases");
    for (int i = 0; i < n; i++) view_day(v->j, NULL, day[i]);
    js_end(v->j);
    js_array(v->j, "days");
    put_path(v->j, &m, day, n, true);
    js_end(v->j);
    js_array(v->j, "p_alive");
    put_path(v->j, &m, day, n, false);
    js_end(v->j);
    js_end(v->j);
}
