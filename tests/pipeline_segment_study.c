/* the study of clusters by density: crowds within crowds that buy differently, and none to find. */
#include "desk.h"

#include <string.h>

#include "base/random.h"
#include "pipeline/segment_study.h"

enum { N = 480, VALID = 18100, TEST = 18128, END = 18156 };

/* Three crowds of two halves each, `apart` standard deviations from each other; of the one half of
 * each crowd nine of ten buy in a window, of the other one of ten. */
static void open_crowds(desk *p, const char *name, int threads, double apart, int later) {
    static const double at[3][2] = {{0, 0}, {40, 0}, {0, 40}};
    text bases = {0}, sales = {0};
    desk_open(p, threads, name, (windows){18000, VALID, TEST, END});
    text_addf(&bases, "CREATE TABLE customer_bases AS SELECT * FROM (VALUES ");
    text_addf(&sales, "CREATE TABLE transactions AS SELECT * FROM (VALUES "
                      "(0, DATE '1970-01-01' + 17000, 1, 1.0::DECIMAL(18,6))");
    for (int day = 0; day < 2; day++)
        for (int i = 0; i < N; i++) {
            rng r = rng_open(7 + (uint64_t)day, (uint64_t)i);
            int crowd = i % 3, half = i / 3 % 2;
            double x = at[crowd][0] + half * apart + rng_normal(&r);
            double y = at[crowd][1] + rng_normal(&r);
            text_addf(&bases, "%s(DATE '1970-01-01' + %d, %d, %d, 2, %.4f, %.6f::DOUBLE, "
                      "%.6f::DOUBLE)", day + i ? "," : "", VALID - 28 * (1 - day), i, 1 + i % 90,
                      20.0 + i % 7, x, y);
            if (rng_uniform(&r) < (half ? 0.9 : 0.1))
                text_addf(&sales, ",(%d, DATE '1970-01-01' + %d, 1, 9.0::DECIMAL(18,6))", i,
                          VALID - 28 * (1 - day) + 3);
        }
    for (int i = 0; i < later; i++)
        text_addf(&sales, ",(%d, DATE '1970-01-01' + %d, 1, 9.0::DECIMAL(18,6))", i, TEST + i % 28);
    text_addf(&bases, ") AS t(as_of, customer, recency_days, frequency, monetary, f_frequency, "
                      "f_monetary)");
    text_addf(&sales, ") AS t(customer, day, quantity, revenue)");
    check_ok(db_run(p->w.d, text_slice(&bases), &p->e), &p->e);
    check_ok(db_run(p->w.d, text_slice(&sales), &p->e), &p->e);
    text_free(&bases);
    text_free(&sales);
}

static slice study_of(desk *p, density_wish *wish) {
    static const char *names[] = {"frequency", "monetary"};
    segment_block like = {.names = names, .bases = 2}, later;
    js *report = take(&p->s.keep, js, 1);
    *wish = density_wish_tuned(NULL);
    check_ok(segment_block_read_bases(&p->w, VALID, 1, &like, &p->s, &later, &p->e), &p->e);
    check(later.n == N);
    js_open(report, &p->s);
    js_array(report, NULL);
    tuned_file none = {.model = "hdbscan"};
    check_ok(segment_study(&later, &p->w, NULL, &none, &p->s, report, wish, &p->e), &p->e);
    js_end(report);
    return text_slice(&report->out);
}

static const js_node *row_of(desk *p, slice report) {
    const js_node *row = js_at(js_parse(&p->s, report, &p->e), 0);
    check(row && js_count(js_get(row, "trials")) == 24);
    return row;
}

CHECK(a_study_takes_the_density_that_foretells_who_buys) {
    desk p;
    density_wish wish, was = density_wish_tuned(NULL);
    open_crowds(&p, "density-study", 2, 6, 0);
    const js_node *row = row_of(&p, study_of(&p, &wish));
    bool taken = false;
    check(js_bool(js_get(row, "taken"), &taken) && taken);
    check(desk_real(row, "gain_low") > 0 && memcmp(&wish, &was, sizeof wish) != 0);
    /* halves that buy by .9 and .1 explain 1 - .09 / .25; standard error of 480 customers .03 */
    check_near(desk_real(row, "best"), 0.64, 0.1);
    check(desk_real(row, "best") > desk_real(row, "default") + 0.1);
    js *put = take(&p.s.keep, js, 1);
    js_open(put, &p.s);
    js_object(put, NULL);
    density_wish_put(put, "density", wish);
    js_end(put);
    density_wish back = density_wish_tuned(js_parse(&p.s, text_slice(&put->out), &p.e));
    check(back.neighbours == wish.neighbours && back.select == wish.select);
    check_near(back.share, wish.share, 0);
    desk_close(&p);
}

CHECK(a_study_of_density_keeps_what_nothing_beats) {
    desk p;
    density_wish wish, was = density_wish_tuned(NULL);
    open_crowds(&p, "density-study-none", 2, 1, 0); /* too near for any density to tell */
    const js_node *row = row_of(&p, study_of(&p, &wish));
    slice why = {0};
    bool taken = true;
    check(js_bool(js_get(row, "taken"), &taken) && !taken);
    check(wish.neighbours == was.neighbours && wish.select == was.select);
    check_near(wish.share, was.share, 0);
    check(js_text(js_get(row, "why"), &why) && strstr(slice_copy(&p.s.keep, why), "keeps its"));
    desk_close(&p);
}

CHECK(a_study_of_density_is_the_same_on_any_threads_and_does_not_see_the_test) {
    slice first = {0};
    desk p[3];
    for (int i = 0; i < 3; i++) {
        density_wish wish;
        static const char *const names[] = {"density-one", "density-two", "density-eight"};
        open_crowds(&p[i], names[i], (int[]){1, 2, 8}[i], 6, i == 2 ? N : 0);
        slice now = study_of(&p[i], &wish);
        if (i == 0) first = now;
        check(slice_compare(first, now) == 0);
    }
    for (int i = 0; i < 3; i++) desk_close(&p[i]);
}
