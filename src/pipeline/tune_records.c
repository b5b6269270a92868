/* tune_records: one line of a journal and what it changes. */
#include "pipeline/tune_records.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *journal_real(double x, char to[32]) {
    char digits[32];
    int n = 0, ten;
    if (isnan(x)) return strcpy(to, "NaN");
    if (isinf(x)) return strcpy(to, x > 0 ? "Infinity" : "-Infinity");
    do snprintf(digits, sizeof digits, "%.*e", n, x); /* n + 1 digits */
    while (strtod(digits, NULL) != x && ++n < 17);
    ten = atoi(strchr(digits, 'e') + 1);
    if (ten < -4 || ten >= 16) return strcpy(to, digits);
    snprintf(to, 32, "%.*f", n - ten > 1 ? n - ten : 1, x);
    return to;
}

/* ---- who writes ---- */

static void host_of(char to[64]) {
    memset(to, 0, 64);
    gethostname(to, 63);
}

void records_worker(journal *j, int64_t micros) {
    char host[64];
    host_of(host);
    snprintf(j->worker, sizeof j->worker, "atelier-%s-%d-%llx", host, (int)getpid(),
             (unsigned long long)micros);
}

/* The process of a worker of this machine that is ours; 0 for any other. */
static int32_t process_of(slice worker, scope *s) {
    char host[64], *said = slice_copy(&s->keep, worker);
    host_of(host);
    const char *ours = arena_text(&s->keep, "atelier-%s-", host);
    if (strncmp(said, ours, strlen(ours)) != 0) return 0;
    return (int32_t)atoi(said + strlen(ours));
}

/* ---- distributions ---- */

const char *records_distribution(const space_param *p, scope *s) {
    char low[32], high[32], step[32] = "null";
    if (p->kind == SPACE_INT)
        return arena_text(&s->keep, "{\"name\": \"IntDistribution\", \"attributes\": {\"log\": %s, "
                          "\"step\": %.0f, \"low\": %.0f, \"high\": %.0f}}",
                          p->log ? "true" : "false", space_step(p), p->low, p->high);
    if (p->kind == SPACE_REAL) {
        if (p->step > 0) journal_real(p->step, step);
        return arena_text(&s->keep, "{\"name\": \"FloatDistribution\", \"attributes\": {\"step\": "
                          "%s, \"low\": %s, \"high\": %s, \"log\": %s}}", step,
                          journal_real(p->low, low), journal_real(p->high, high),
                          p->log ? "true" : "false");
    }
    js j;
    js_open(&j, s);
    js_object(&j, NULL);
    js_put_word(&j, "name", "CategoricalDistribution");
    js_object(&j, "attributes");
    js_array(&j, "choices");
    for (int i = 0; i < p->n; i++) js_put_word(&j, NULL, p->words[i]);
    js_end(&j);
    js_end(&j);
    js_end(&j);
    return slice_copy(&s->keep, text_slice(&j.out));
}

static bool same_words(const space_param *p, const js_node *choices) {
    bool same = js_count(choices) == p->n;
    for (int i = 0; i < p->n && same; i++) {
        slice word;
        same = js_text(js_at(choices, i), &word) && slice_is(word, p->words[i]);
    }
    return same;
}

static bool same_distribution(const space_param *p, const js_node *said) {
    static const char *const names[] = {[SPACE_REAL] = "FloatDistribution",
                                        [SPACE_INT] = "IntDistribution",
                                        [SPACE_WORD] = "CategoricalDistribution"};
    const js_node *at = js_get(said, "attributes");
    if (!slice_is(js_word(said, "name"), names[p->kind])) return false;
    if (p->kind == SPACE_WORD) return same_words(p, js_get(at, "choices"));
    bool log = false;
    js_bool(js_get(at, "log"), &log);
    double step = js_number(at, "step"), own = space_step(p);
    return js_number(at, "low") == p->low && js_number(at, "high") == p->high && log == p->log &&
           (own > 0 ? step == own : isnan(step));
}

/* ---- lines ---- */

/* Python writes NaN and Infinity bare: they become null and the largest number. */
static slice without_bare(slice line, scope *s) {
    static const char *const bare[] = {"NaN", "Infinity"};
    static const char *const is[] = {"null", "1.7976931348623157e308"};
    text to = {0};
    text_open(&to, s);
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        size_t took = 0;
        for (int b = 0; b < 2 && !quoted; b++) {
            size_t n = strlen(bare[b]);
            if (line.n - i < n || memcmp(line.p + i, bare[b], n) != 0) continue;
            text_add(&to, slice_of(is[b]));
            took = n;
        }
        if (took > 0) {
            i += took - 1;
            continue;
        }
        text_add_char(&to, line.p[i]);
        if (quoted && line.p[i] == '\\' && i + 1 < line.n) text_add_char(&to, line.p[++i]);
        else if (line.p[i] == '"') quoted = !quoted;
    }
    return text_slice(&to);
}

static bool wrong_line(const journal *j, const char *why, err *e) {
    refuse(e, "%s, line %lld: %s", j->path ? j->path : "trials", (long long)j->lines, why);
    return fail_cause(e, "bad_data");
}

/* Makes room for one more of what `most` counts. */
static void *grown(journal *j, void *old, size_t size, int64_t n, int64_t most) {
    char *to = arena_take(&j->owner->keep, size, (size_t)most);
    if (n > 0) memcpy(to, old, size * (size_t)n);
    return to;
}

static void add_id(journal *j, int32_t number) {
    if (j->ids == j->ids_most) {
        j->ids_most = j->ids_most * 2 + 64;
        j->number_of = grown(j, j->number_of, sizeof *j->number_of, j->ids, j->ids_most);
    }
    j->number_of[j->ids++] = number;
}

static void add_report(journal *j, journal_report_row row) {
    if (j->reports == j->reports_most) {
        j->reports_most = j->reports_most * 2 + 64;
        j->report = grown(j, j->report, sizeof *j->report, j->reports, j->reports_most);
    }
    j->report[j->reports++] = row;
    study_trial *t = &j->trial[row.number];
    t->step = row.step;
    t->score = row.value;
}

static study_trial *add_trial(journal *j) {
    if (j->n == j->most) {
        j->most = j->most * 2 + 64;
        j->trial = grown(j, j->trial, sizeof *j->trial, j->n, j->most);
        j->id = grown(j, j->id, sizeof *j->id, j->n, j->most);
        j->process = grown(j, j->process, sizeof *j->process, j->n, j->most);
    }
    study_trial *t = &j->trial[j->n];
    *t = (study_trial){TRIAL_RUNNING, take(&j->owner->keep, double, j->p.s->n), NAN, 0};
    for (int i = 0; i < j->p.s->n; i++) t->point[i] = NAN;
    j->id[j->n] = j->ids;
    j->process[j->n] = 0;
    add_id(j, (int32_t)j->n++);
    return t;
}

static bool set_param(journal *j, study_trial *t, slice name, double value, slice distribution,
                      scope *s, err *e) {
    const space *sp = j->p.s;
    int i = 0;
    while (i < sp->n && !slice_is(name, sp->at[i].name)) i++;
    if (i == sp->n) return true;
    const js_node *said = js_parse(s, distribution, e);
    if (!said) return *e = (err){0}, wrong_line(j, "the distribution is no JSON", e);
    if (!same_distribution(&sp->at[i], said))
        return wrong_line(j, arena_text(&s->keep, "%s of study '%s' has another range or other "
                                        "words than here; name another file or study",
                                        sp->at[i].name, j->p.study), e);
    t->point[i] = value;
    return true;
}

static bool set_state(journal *j, int64_t number, trial_state state, double value, err *e) {
    if (state < TRIAL_RUNNING || state > TRIAL_WAITING)
        return wrong_line(j, "there is no such state of a trial", e);
    study_trial *t = &j->trial[number];
    t->state = state;
    if (state == TRIAL_RUNNING) return true;
    j->process[number] = 0;
    if (state != TRIAL_PRUNED || isnan(t->score)) t->score = value;
    return true;
}

/* The first of "values", or "value"; NaN for none. */
static double value_of(const js_node *n) {
    double x = js_number(n, "value");
    js_real(js_at(js_get(n, "values"), 0), &x);
    return x;
}

/* A trial that comes with its results, as those that were made elsewhere do. */
static bool fill_trial(journal *j, study_trial *t, const js_node *n, scope *s, err *e) {
    int64_t state, number = j->n - 1;
    const js_node *params = js_get(n, "params"), *reports = js_get(n, "intermediate_values");
    for (int64_t i = 0; i < js_count(params); i++) {
        const char *name = js_key(params, i);
        if (!set_param(j, t, slice_of(name), js_number(params, name),
                       js_word(js_get(n, "distributions"), name), s, e))
            return false;
    }
    for (int64_t i = 0; i < js_count(reports); i++) {
        const char *step = js_key(reports, i);
        add_report(j, (journal_report_row){number, atoll(step), js_number(reports, step)});
    }
    return !js_int(js_get(n, "state"), &state) ||
           set_state(j, number, (trial_state)state, value_of(n), e);
}

/* Optuna writes such a line also when it only looks whether the study is there. */
static bool create_study(journal *j, const js_node *n, err *e) {
    slice name = js_word(n, "study_name");
    uint64_t hash = slice_hash(name);
    int64_t direction = 0;
    for (int64_t i = 0; i < j->studies; i++)
        if (j->study_name[i] == hash) return true;
    if (j->studies == j->studies_most) {
        j->studies_most = j->studies_most * 2 + 16;
        j->study_name = grown(j, j->study_name, sizeof hash, j->studies, j->studies_most);
    }
    j->study_name[j->studies++] = hash;
    if (!slice_is(name, j->p.study)) return true;
    j->study = j->studies - 1;
    if (js_count(js_get(n, "directions")) != 1 ||
        !js_int(js_at(js_get(n, "directions"), 0), &direction))
        return wrong_line(j, "a study with one direction is wanted", e);
    if ((direction == 2) == j->p.maximise) return true;
    return wrong_line(j, j->p.maximise ? "this study looks for the least, not the most"
                                       : "this study looks for the most, not the least", e);
}

/* Its number is not given again, its name is free. */
static bool delete_study(journal *j, const js_node *n, err *e) {
    int64_t id = -1;
    if (!js_int(js_get(n, "study_id"), &id) || id < 0 || id >= j->studies) return true;
    j->study_name[id] = 0;
    return id != j->study || wrong_line(j, "the study was deleted; name another file", e);
}

static bool create_trial(journal *j, const js_node *n, scope *s, err *e) {
    int64_t of = -1;
    if (!js_int(js_get(n, "study_id"), &of)) return wrong_line(j, "a study_id is wanted", e);
    if (of != j->study) return add_id(j, -1), true;
    study_trial *t = add_trial(j);
    if (j->p.now) j->process[j->n - 1] = process_of(js_word(n, "worker_id"), s);
    return fill_trial(j, t, n, s, e);
}

/* What happens to a trial of ours that has not ended. */
static bool change_trial(journal *j, int64_t op, int64_t number, const js_node *n, scope *s,
                         err *e) {
    int64_t whole = -1;
    if (op == OP_SET_PARAM)
        return set_param(j, &j->trial[number], js_word(n, "param_name"),
                         js_number(n, "param_value_internal"), js_word(n, "distribution"), s, e);
    if (op == OP_SET_STATE)
        return (js_int(js_get(n, "state"), &whole) ||
                wrong_line(j, "a state is wanted", e)) &&
               set_state(j, number, (trial_state)whole, value_of(n), e);
    if (!js_int(js_get(n, "step"), &whole)) return wrong_line(j, "a step is wanted", e);
    add_report(j, (journal_report_row){number, whole, js_number(n, "intermediate_value")});
    return true;
}

bool records_apply(journal *j, slice line, scope *s, err *e) {
    int64_t op = -1, id = -1;
    const js_node *n = js_parse(s, without_bare(line, s), e);
    if (!n || !js_int(js_get(n, "op_code"), &op)) {
        *e = (err){0};
        return wrong_line(j, "no record of a journal", e);
    }
    if (op == OP_CREATE_STUDY) return create_study(j, n, e);
    if (op == OP_CREATE_TRIAL) return create_trial(j, n, s, e);
    if (op == OP_DELETE_STUDY) return delete_study(j, n, e);
    if (op != OP_SET_PARAM && op != OP_SET_STATE && op != OP_REPORT) return true;
    if (!js_int(js_get(n, "trial_id"), &id) || id < 0 || id >= j->ids)
        return wrong_line(j, "there is no such trial before it", e);
    int64_t number = j->number_of[id];
    if (number < 0) return true;
    trial_state now = j->trial[number].state;
    if (now != TRIAL_RUNNING && now != TRIAL_WAITING) return true;
    return change_trial(j, op, number, n, s, e);
}
