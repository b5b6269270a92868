/* markdown_say: a markdown plan as names and numbers, for the verb and over HTTP. */
#include "surfaces/markdown_say.h"

#include <math.h>
#include <string.h>

const char *const markdown_names[MARKDOWN_NUMBERS] = {
    "cut_now", "cut",      "price",     "money",  "money_low", "money_high", "money_held", "gain",
    "gain_low", "gain_high", "better", "units", "left",      "left_low",   "left_high"};

markdown_answer markdown_ask(const markdown_case *m, uint64_t seed, arena scratch) {
    arena room = arena_split(&scratch, arena_left(&scratch) / 2);
    markdown_answer out = {0};
    markdown_plan p = markdown_solve(m, seed, &room, scratch);
    out.cut = markdown_choose(&p, 0, m->now, (double)m->stock);
    out.plan = markdown_play(m, &p, m->now, seed, &out.gain, scratch);
    out.held = markdown_play(m, NULL, m->now, seed, NULL, scratch);
    return out;
}

void markdown_numbers(double out[MARKDOWN_NUMBERS], const markdown_case *m,
                      const markdown_answer *a) {
    const double all[MARKDOWN_NUMBERS] = {
        m->cut[m->now], m->cut[a->cut], m->price * (1 - m->cut[a->cut]), a->plan.money,
        a->plan.money_low, a->plan.money_high, a->held.money, a->gain.money, a->gain.low,
        a->gain.high, a->gain.better, a->plan.units, a->plan.left, a->plan.left_low,
        a->plan.left_high};
    memcpy(out, all, sizeof all);
}

void markdown_put(js *j, const markdown_case *m, const markdown_answer *a) {
    double numbers[MARKDOWN_NUMBERS];
    markdown_numbers(numbers, m, a);
    for (int i = 0; i < MARKDOWN_NUMBERS; i++) js_put_real(j, markdown_names[i], numbers[i]);
    js_array(j, "weeks");
    for (int t = 0; t < m->weeks; t++) {
        js_object(j, NULL);
        js_put_int(j, "week", t + 1);
        js_put_real(j, "cut", a->plan.cut[t]);
        js_put_real(j, "units", a->plan.sold[t]);
        js_put_real(j, "units_held", a->held.sold[t]);
        js_end(j);
    }
    js_end(j);
}

bool markdown_ladder(slice words, double cut[MARKDOWN_CUTS], int *n) {
    slice rest = words;
    *n = 0;
    while (true) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t length = comma ? (size_t)(comma - rest.p) : rest.n;
        double percent;
        if (*n == MARKDOWN_CUTS || !slice_double(slice_trim((slice){rest.p, length}), &percent) ||
            !(percent >= 0 && percent <= 99) || (*n > 0 && percent / 100 <= cut[*n - 1]))
            return false;
        cut[(*n)++] = percent / 100;
        if (!comma) return true;
        rest = (slice){comma + 1, rest.n - length - 1};
    }
}

int markdown_rung(const double *cut, int n, double percent) {
    for (int i = 0; i < n; i++)
        if (fabs(cut[i] * 100 - percent) < 1e-6) return i;
    return -1;
}
