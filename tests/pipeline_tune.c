/* tune: the journal of a study, the same file read by Optuna, and the tuner that fills it. */
#include "lab.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/folder.h"
#include "pipeline/tuner.h"

static const char *const kinds[] = {"plain", "curved"};
static const space_param params[] = {{"rate", SPACE_REAL, 1e-4, 1, .log = true},
                                     {"size", SPACE_INT, 16, 128, .step = 16},
                                     {"kind", SPACE_WORD, .n = 2, .words = kinds},
                                     {"bend", SPACE_INT, 1, 9, .under = 3, .is = 1},
                                     {"share", SPACE_REAL, 0, 1, .step = 0.25}};
static const space five = {5, params};
enum { MADE = 12 };

static int64_t noon(void) { return 1764158400123456; }

static journal_params asked(bool resume) {
    return (journal_params){.study = "five", .s = &five, .maximise = true, .resume = resume,
                            .now = noon};
}

static double score_of(const double *x) {
    double bend = isnan(x[3]) ? 5 : x[3];
    return -pow(x[0] - 0.1, 2) - fabs(x[1] - 64) / 1e3 - fabs(bend - 5) / 1e2 - x[4] / 1e3;
}

/* Every fifth trial is pruned, every seventh fails. */
static void play(lab *l, journal *j, int trials) {
    for (int i = 0; i < trials; i++) {
        int64_t number;
        double x[SPACE_MOST];
        check_ok(journal_ask(j, STUDY_DEFAULTS, &number, x, l->s.scratch, &l->e), &l->e);
        check_ok(journal_report(j, number, 1, x[0], &l->e), &l->e);
        trial_state end = number % 5 == 4 ? TRIAL_PRUNED : TRIAL_COMPLETE;
        double score = number % 7 == 6 ? NAN : end == TRIAL_PRUNED ? x[0] : score_of(x);
        check_ok(journal_tell(j, number, end, score, &l->e), &l->e);
    }
}

static const char *file_in(lab *l, const char *name) {
    return arena_text(&l->s.keep, "%s/study.journal", check_folder(name));
}

static void add_bytes(const char *path, const char *bytes) {
    FILE *f = fopen(path, "ab");
    check(f && fputs(bytes, f) >= 0 && fclose(f) == 0);
}

CHECK(journal_writes_numbers_as_python_does) {
    static const double x[] = {16, 0.1, 1e-5, 0.0001, 123456789, 1e16, 1.5e-7, -2.5, 1.0 / 3};
    static const char *const wanted[] = {"16.0",  "0.1",     "1e-05", "0.0001", "123456789.0",
                                         "1e+16", "1.5e-07", "-2.5",  "0.3333333333333333"};
    char to[32];
    for (int i = 0; i < 9; i++) check_text(slice_of(journal_real(x[i], to)), wanted[i]);
    check_text(slice_of(journal_real(NAN, to)), "NaN");
    check_text(slice_of(journal_real(-INFINITY, to)), "-Infinity");
}

CHECK(journal_gives_the_trials_back) {
    lab l;
    lab_open(&l, 1);
    journal a, b;
    const char *path = file_in(&l, "journal");
    check_ok(journal_open(&a, path, asked(false), &l.s, &l.e), &l.e);
    play(&l, &a, MADE);
    check_ok(journal_open(&b, path, asked(true), &l.s, &l.e), &l.e);
    check(b.n == MADE && b.reports == MADE && b.cut == 0 && b.lost == 0);
    for (int i = 0; i < MADE; i++) {
        check(a.trial[i].state == b.trial[i].state);
        check(a.trial[i].state == (i == 6 ? TRIAL_FAILED : i % 5 == 4 ? TRIAL_PRUNED
                                                                      : TRIAL_COMPLETE));
        for (int k = 0; k < 5; k++)
            check(a.trial[i].point[k] == b.trial[i].point[k] ||
                  (k == 3 && isnan(a.trial[i].point[k]) && isnan(b.trial[i].point[k])));
        if (a.trial[i].state == TRIAL_COMPLETE)
            check(b.trial[i].score == score_of(b.trial[i].point));
    }
    check(!journal_open(&b, path, asked(false), &l.s, &l.e));
    check_has(slice_of(l.e.text), "has study 'five' with 12 trials already; --resume continues it");
    lab_close(&l);
}

CHECK(journal_asks_the_same_after_a_stop_as_without) {
    lab l;
    lab_open(&l, 1);
    journal whole, first, then;
    check_ok(journal_open(&whole, file_in(&l, "journal-whole"), asked(false), &l.s, &l.e), &l.e);
    play(&l, &whole, 2 * MADE);
    const char *path = file_in(&l, "journal-parts");
    check_ok(journal_open(&first, path, asked(false), &l.s, &l.e), &l.e);
    play(&l, &first, MADE);
    check_ok(journal_open(&then, path, asked(true), &l.s, &l.e), &l.e);
    play(&l, &then, MADE);
    for (int i = 0; i < 2 * MADE; i++)
        check(whole.trial[i].point[0] == then.trial[i].point[0] &&
              whole.trial[i].point[1] == then.trial[i].point[1]);
    lab_close(&l);
}

CHECK(journal_cuts_a_torn_line_and_names_a_bad_one) {
    lab l;
    lab_open(&l, 1);
    journal j;
    const char *path = file_in(&l, "journal-torn");
    check_ok(journal_open(&j, path, asked(false), &l.s, &l.e), &l.e);
    play(&l, &j, 3);
    add_bytes(path, "{\"op_code\":4,\"worker");
    check_ok(journal_open(&j, path, asked(true), &l.s, &l.e), &l.e);
    check(j.cut == 20 && j.n == 3);
    play(&l, &j, 1);
    check(j.n == 4);
    add_bytes(path, "{\"op_code\":\n");
    check(!journal_open(&j, path, asked(true), &l.s, &l.e));
    check_has(slice_of(l.e.text), arena_text(&l.s.keep, "study.journal, line %lld: no record",
                                             (long long)j.lines));
    lab_close(&l);
}

CHECK(journal_reads_what_python_writes_bare_and_skips_other_studies) {
    lab l;
    lab_open(&l, 1);
    journal j;
    const char *path = file_in(&l, "journal-others");
    add_bytes(path,
              "{\"op_code\":0,\"worker_id\":\"x\",\"study_name\":\"other\",\"directions\":[1]}\n"
              "{\"op_code\":0,\"worker_id\":\"x\",\"study_name\":\"other\",\"directions\":[1]}\n"
              "{\"op_code\":0,\"worker_id\":\"x\",\"study_name\":\"five\",\"directions\":[2]}\n"
              "{\"op_code\":4,\"worker_id\":\"x\",\"study_id\":0,\"datetime_start\":null}\n"
              "{\"op_code\":4,\"worker_id\":\"x\",\"study_id\":1,\"datetime_start\":null}\n"
              "{\"op_code\":7,\"worker_id\":\"x\",\"trial_id\":1,\"step\":1,"
              "\"intermediate_value\":NaN}\n"
              "{\"op_code\":6,\"worker_id\":\"x\",\"trial_id\":0,\"state\":1,\"values\":[9.0]}\n"
              "{\"op_code\":6,\"worker_id\":\"x\",\"trial_id\":1,\"state\":1,"
              "\"values\":[-Infinity]}\n"
              "{\"op_code\":4,\"worker_id\":\"x\",\"study_id\":1,\"datetime_start\":null,"
              "\"state\":1,\"value\":0.5,\"values\":null,\"params\":{\"size\":32.0},"
              "\"distributions\":{\"size\":\"{\\\"name\\\": \\\"IntDistribution\\\", "
              "\\\"attributes\\\": {\\\"log\\\": false, \\\"step\\\": 16, \\\"low\\\": 16, "
              "\\\"high\\\": 128}}\"},\"intermediate_values\":{\"3\":0.25}}\n");
    check_ok(journal_open(&j, path, asked(true), &l.s, &l.e), &l.e);
    check(j.n == 2 && j.study == 1 && j.ids == 3);
    check(j.trial[0].score == -1.7976931348623157e308 && isnan(j.report[0].value));
    check(j.trial[1].score == 0.5 && j.trial[1].point[1] == 32 && j.report[1].step == 3);
    space_param other = params[1];
    other.high = 256;
    journal_params p = asked(true);
    p.s = &(space){1, &other};
    check(!journal_open(&j, path, p, &l.s, &l.e));
    check_has(slice_of(l.e.text), "size of study 'five' has another range");
    lab_close(&l);
}

/* A process that is killed in a trial while it holds the lock. */
static void die_in_a_trial(lab *l, const char *path) {
    pid_t child = fork();
    if (child == 0) {
        journal j;
        int64_t number;
        double x[SPACE_MOST];
        if (!journal_open(&j, path, asked(true), &l->s, &l->e) ||
            !journal_ask(&j, STUDY_DEFAULTS, &number, x, l->s.scratch, &l->e) ||
            !journal_lock(path, &l->e))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status;
    check(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
}

CHECK(journal_closes_trials_and_locks_of_who_was_killed) {
    lab l;
    lab_open(&l, 1);
    journal j;
    const char *path = file_in(&l, "journal-killed");
    check_ok(journal_open(&j, path, asked(false), &l.s, &l.e), &l.e);
    play(&l, &j, 2);
    die_in_a_trial(&l, path);
    check_ok(journal_open(&j, path, asked(true), &l.s, &l.e), &l.e);
    check(j.n == 3 && j.lost == 1 && j.trial[2].state == TRIAL_FAILED);
    lab_close(&l);
}

static void optuna(lab *l, const char *path, const char *trials, int n[7], double *best) {
    check_run r = check_command(&l->s, (const char *[]){"build/peers/bin/python",
                                                        "tests/oracles/journal.py", path, "five",
                                                        trials, NULL});
    if (r.status != 0) print_error("%.*s", (int)r.err.n, r.err.p);
    check(r.status == 0);
    check(sscanf(slice_copy(&l->s.keep, r.out), "%d %d %lf %d %d %d %d %d", &n[0], &n[1], best,
                 &n[2], &n[3], &n[4], &n[5], &n[6]) == 8);
}

CHECK(journal_is_read_and_continued_by_optuna_and_by_us_after_it) {
    lab l;
    lab_open(&l, 1);
    if (!file_exists("build/peers/bin/optuna")) {
        lab_close(&l);
        skip("no optuna in build/peers: tools/setup.sh --dev");
    }
    journal j;
    int n[7];
    double best;
    const char *path = file_in(&l, "journal-optuna");
    check_ok(journal_open(&j, path, asked(false), &l.s, &l.e), &l.e);
    play(&l, &j, MADE);
    for (int round = 0; round < 2; round++) {
        optuna(&l, path, round ? "6" : NULL, n, &best);
        check_ok(journal_open(&j, path, asked(true), &l.s, &l.e), &l.e);
        study now = journal_study(&j);
        int64_t own = study_best(&now);
        check(n[0] == MADE + 6 * round && n[0] == j.n);
        check(n[1] == own && best == j.trial[own].score);
        int state[5] = {0};
        for (int64_t i = 0; i < j.n; i++) state[j.trial[i].state]++;
        for (int k = 0; k < 5; k++) check(state[k] == n[2 + k]);
    }
    play(&l, &j, 4);
    optuna(&l, path, NULL, n, &best);
    check(n[0] == MADE + 10 && j.n == MADE + 10);
    lab_close(&l);
}

/* ---- the tuner ---- */

/* A curve with its best at rate 0.1 that whole trials reach in 16 steps; unit i adds noise of its
 * own. */
static bool curve(void *what, const double *x, tuner_part part, tuner_trial *t, pool *threads,
                  scope *s, double *unit, err *e) {
    (void)what, (void)part, (void)threads, (void)s;
    for (int step = 1; step <= 16; step++) {
        double left = pow(log10(x[0]) + 1, 2) + 2.0 / step;
        for (int i = 0; i < 8; i++) unit[i] = -left - 0.01 * i;
        if (step < 16 && step < tuner_next(t)) continue;
        if (!tuner_report(t, step, 16, tuner_mean(unit, 8), e)) return e->kind == ERR_NONE;
    }
    return true;
}

static tuner_task curve_task(void) {
    static const double known[] = {1e-3, 64, 0, NAN, 0.5};
    return (tuner_task){.study = "five", .metric = "m", .unit = "units", .s = &five,
                        .maximise = true, .known = known, .least = 1, .units = {8, 8},
                        .score = curve};
}

static tuner search(lab *l, journal *j, int64_t trials, int parallel) {
    tuner t;
    tuner_params p = {.how = STUDY_DEFAULTS, .trials = trials, .parallel = parallel,
                      .threads = l->threads};
    check_ok(tuner_run(&t, curve_task(), p, j, &l->e), &l->e);
    return t;
}

CHECK(tuner_gives_up_early_and_decides_alike_after_a_stop) {
    lab l;
    lab_open(&l, 1);
    journal whole, parts;
    check_ok(journal_open(&whole, file_in(&l, "tuner-whole"), asked(false), &l.s, &l.e), &l.e);
    tuner t = search(&l, &whole, 30, 1);
    check(t.steps < t.whole / 2 && t.whole == 30 * 16);
    const char *path = file_in(&l, "tuner-parts");
    check_ok(journal_open(&parts, path, asked(false), &l.s, &l.e), &l.e);
    search(&l, &parts, 11, 1);
    check_ok(journal_open(&parts, path, asked(true), &l.s, &l.e), &l.e);
    t = search(&l, &parts, 30, 1);
    check(parts.n == 30 && whole.n == 30 && t.done == 19);
    int pruned = 0;
    for (int i = 0; i < 30; i++) {
        check(whole.trial[i].state == parts.trial[i].state);
        check(whole.trial[i].point[0] == parts.trial[i].point[0]);
        pruned += whole.trial[i].state == TRIAL_PRUNED;
    }
    check(pruned > 15 && whole.trial[0].point[0] == 1e-3);
    tuner_judged judged[2];
    check_ok(tuner_judge(&t, judged, &l.e), &l.e);
    double gain = pow(log10(1e-3) + 1, 2) -
                  pow(log10(whole.trial[tuner_best(&t)].point[0]) + 1, 2);
    check_near(judged[TUNER_TEST].difference.mean, gain, 1e-12); /* the noise is the same */
    check_near(judged[TUNER_TEST].difference.low, gain, 1e-12);
    lab_close(&l);
}

CHECK(tuner_runs_several_threads_of_trials_and_no_more_than_asked) {
    lab l;
    lab_open(&l, 4);
    journal j;
    check_ok(journal_open(&j, file_in(&l, "tuner-parallel"), asked(false), &l.s, &l.e), &l.e);
    tuner t = search(&l, &j, 24, 4);
    check(j.n == 24 && t.done == 24);
    for (int i = 0; i < 24; i++)
        check(j.trial[i].state == TRIAL_COMPLETE || j.trial[i].state == TRIAL_PRUNED);
    lab_close(&l);
}
