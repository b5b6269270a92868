/* the ranker on weeks that are kept as rows: the marks of its lists, and of another growth. */
#include "recommend_plant.h"

#include <string.h>

#include "check_json.h"
#include "pipeline/recommend_ranker_study.h"

/* The last point is the whole ranker, the first other trees. */
static void learning_ends_whole(const recommend_ranking *k, const recommend_exam *x,
                                const double *ap, scope *s) {
    err e = {0};
    js *j = take(&s->keep, js, 1); /* as long as s, which frees its text */
    js_open(j, s);
    js_object(j, NULL);
    recommend_ranker_learning(k, x, j);
    js_end(j);
    const js_node *all = js_get(js_parse(s, text_slice(&j->out), &e), "learning");
    double mean = recommend_exam_interval(x, ap, NULL, RECOMMEND_ALL, s->scratch).mean;
    check(js_count(all) == 4);
    check(real_of(js_at(all, 3), "at") == k->ranker.n);
    check(real_of(js_at(all, 0), "at") < k->ranker.n);
    check_near(real_of(js_at(all, 3), "value"), mean, 1e-12); /* written in 17 digits */
    check(real_of(js_at(all, 0), "value") != mean);
}

/* Weeks kept as rows say of a ranker what its lists say; another growth is another ranker. */
CHECK(recommend_ranking_marks_rows_as_its_lists) {
    work w;
    scope s;
    err e = {0};
    recommend_data d;
    recommend_ranking k[2];
    recommend_week weeks[2][8];
    plant_open(&w, &s, 2, check_folder("recommend_marks"));
    plant_shop(&w);
    check_ok(recommend_load(&d, &w, w.days.end, &s.keep, s.scratch, &e), &e);
    recommend_calendar c = recommend_cutoffs(w.days, 6, 0);
    int train = c.n - 2;
    for (int i = 0; i < 2; i++) {
        k[i] = (recommend_ranking){.w = &w, .s = &s, .train = train, .growth = RECOMMEND_GROWTH,
                                   .keep = i == 1};
        recommend_walk walk = {.d = &d, .p = recommend_defaults(1), .most = 1000, .first = train,
                               .most_first = 1000, .visit = recommend_ranking_visit,
                               .what = &k[i], .threads = w.threads};
        check_ok(recommend_walk_weeks(&walk, &c, weeks[i], &s, &e), &e);
    }
    check_ok(recommend_ranking_fit(&k[1], s.scratch, &e), &e);
    check(k[0].trained && k[1].trained && k[0].trees == k[1].trees && k[0].n_ids == 2);
    recommend_exam x = recommend_exam_open(weeks[0] + train, 2, d.customers, 1, &s.keep,
                                           s.scratch);
    int32_t *ids = take(&s.keep, int32_t, x.n * RECOMMEND_K), *to = ids;
    for (int i = 0; i < 2; i++) {
        int64_t n = weeks[0][train + i].units.n * RECOMMEND_K;
        memcpy(to, k[0].ids[i], sizeof *to * (size_t)n);
        to += n;
    }
    double *ap = take(&s.keep, double, x.n), *other = take(&s.keep, double, x.n), found = 0;
    recommend_marks marks = recommend_exam_mark(&x, ids, &s.keep, s.scratch);
    recommend_ranking_ap(&k[1], train, &x, &k[1].ranker, w.threads, ap, s.scratch);
    for (int64_t i = 0; i < x.n; i++) {
        check_near(ap[i], marks.of[RECOMMEND_MAP][i], 1e-12); /* a sum of twelve */
        found += ap[i] > 0;
    }
    check(found > 50);
    learning_ends_whole(&k[1], &x, ap, &s);
    const recommend_growth others[] = {{4, 50, 0.1, 0.5, false, 0, 6},
                                       {31, 50, 0.04, 0.7, true, 0, 6},
                                       {31, 50, 0.04, 0.7, false, 3, 6},
                                       {31, 50, 0.04, 0.7, false, 0, 2}};
    for (int i = 0; i < 4; i++) {
        trees small;
        recommend_ranking_fitted how = {.growth = others[i], .groups = i ? INT64_MAX : 40,
                                        .thin = i ? 1 : 8, .once = i == 0, .trees = k[1].trees};
        check_ok(recommend_ranking_fit_by(&k[1], &how, &small, w.threads, &s.keep, s.scratch, &e),
                 &e);
        recommend_ranking_ap(&k[1], train, &x, &small, w.threads, other, s.scratch);
        check(memcmp(ap, other, sizeof *ap * (size_t)x.n) != 0);
    }
    scope_close(&s);
}
