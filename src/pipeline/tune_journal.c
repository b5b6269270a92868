/* tune_journal: the trials of a study in a file that Optuna reads and continues as we do. */
#include "pipeline/tune_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/tune_records.h"

/* ---- writing: lines are gathered, then appended at once ---- */

static void begin_line(journal *j, js *line, scope *s, int op) {
    js_open(line, s);
    js_object(line, NULL);
    js_put_int(line, "op_code", op);
    js_put_word(line, "worker_id", j->worker);
}

static void end_line(js *line, text *to) {
    js_end(line);
    text_add(to, text_slice(&line->out));
    text_add_char(to, '\n');
    text_clear(&line->out);
}

static void put_time(const journal *j, js *line, const char *key) {
    int64_t micros = j->p.now ? j->p.now() : 0, second = micros / 1000000;
    int y, m, d, of_day = (int)(second % 86400);
    day_split((int32_t)(second / 86400), &y, &m, &d);
    js_putf(line, key, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", y, m, d, of_day / 3600,
            of_day / 60 % 60, of_day % 60, (int)(micros % 1000000));
}

static void put_real(js *line, const char *key, double x) {
    char number[32];
    js_put_raw(line, key, slice_of(journal_real(x, number)));
}

static bool append(journal *j, slice lines, err *e) {
    int file = open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return fail_file(e, "open", j->path);
    bool done = true;
    while (lines.n > 0 && done) {
        ssize_t n = write(file, lines.p, lines.n);
        done = n >= 0 || errno == EINTR;
        if (n > 0) lines = (slice){lines.p + n, lines.n - (size_t)n};
    }
    done = (done && fsync(file) == 0) || fail_file(e, "write", j->path);
    close(file);
    return done;
}

/* ---- reading ---- */

static bool cut_torn(journal *j, int file, slice *news, err *e) {
    size_t whole = news->n;
    while (whole > 0 && news->p[whole - 1] != '\n') whole--;
    if (whole == news->n) return true;
    j->cut += (int64_t)(news->n - whole);
    news->n = whole;
    return ftruncate(file, j->read + (off_t)whole) == 0 || fail_file(e, "cut", j->path);
}

static bool read_lines(journal *j, slice news, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)64 << 20, 0, e)) return false;
    bool done = true;
    while (news.n > 0 && done) {
        const char *end = memchr(news.p, '\n', news.n);
        slice line = {news.p, (size_t)(end - news.p)};
        news = (slice){end + 1, news.n - line.n - 1};
        j->lines++;
        j->read += (int64_t)line.n + 1;
        done = records_apply(j, line, &s, e);
        scope_rewind(&s);
    }
    scope_close(&s);
    return done;
}

/* Reads what was appended since; the lock is ours. */
static bool catch_up(journal *j, err *e) {
    int file = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return fail_file(e, "open", j->path);
    struct stat st;
    char *bytes = NULL;
    bool done = fstat(file, &st) == 0 || fail_file(e, "read", j->path);
    if (done && st.st_size < j->read)
        done = fail(e, "%s became shorter while it was in use", j->path);
    size_t n = done ? (size_t)(st.st_size - j->read) : 0, got = 0;
    if (n > 0) {
        bytes = malloc(n);
        done = bytes || fail(e, "%s is too large for the memory", j->path);
        for (ssize_t k; done && got < n; got += (size_t)k)
            if ((k = pread(file, bytes + got, n - got, j->read + (off_t)got)) <= 0)
                done = fail_file(e, "read", j->path);
    }
    slice news = {bytes, got};
    done = done && cut_torn(j, file, &news, e) && read_lines(j, news, e);
    free(bytes);
    close(file);
    return done;
}

/* ---- what callers ask for ---- */

typedef bool write_lines(journal *j, const void *what, text *to, scope *s, err *e);

/* Without a file: what would be written is read. Closes s. */
static bool in_memory(journal *j, write_lines *write, const void *what, scope *s, err *e) {
    text lines = {0};
    text_open(&lines, s);
    bool done = write(j, what, &lines, s, e) && read_lines(j, text_slice(&lines), e);
    scope_close(s);
    return done;
}

/* Under the lock: reads, lets `write` make lines by what is there now, appends and reads them. */
static bool transact(journal *j, write_lines *write, const void *what, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)1 << 20, 0, e)) return false;
    if (!j->path) return in_memory(j, write, what, &s, e);
    if (!journal_lock(j->path, e)) return scope_close(&s), false;
    text lines = {0};
    text_open(&lines, &s);
    bool done = catch_up(j, e) && write(j, what, &lines, &s, e) &&
                (lines.n == 0 || (append(j, text_slice(&lines), e) && catch_up(j, e)));
    journal_unlock(j->path);
    scope_close(&s);
    return done;
}

typedef struct start {
    const sampler *how; /* NULL: the point is given */
    double *point;
    int64_t *number;
    arena scratch;
} start;

static bool write_trial(journal *j, const void *what, text *to, scope *s, err *e) {
    (void)e;
    const start *t = what;
    study now = journal_study(j);
    *t->number = j->n;
    if (t->how && !study_ask(&now, *t->how, j->n, t->point, t->scratch)) {
        *t->number = -1;
        return true;
    }
    js line;
    begin_line(j, &line, s, OP_CREATE_TRIAL);
    js_put_int(&line, "study_id", j->study);
    put_time(j, &line, "datetime_start");
    end_line(&line, to);
    for (int i = 0; i < j->p.s->n; i++) {
        const space_param *p = &j->p.s->at[i];
        if (isnan(t->point[i])) continue;
        begin_line(j, &line, s, OP_SET_PARAM);
        js_put_int(&line, "trial_id", j->ids);
        js_put_word(&line, "param_name", p->name);
        if (p->kind == SPACE_WORD)
            js_put_int(&line, "param_value_internal", (int64_t)t->point[i]);
        else put_real(&line, "param_value_internal", t->point[i]);
        js_put_word(&line, "distribution", records_distribution(p, s));
        end_line(&line, to);
    }
    return true;
}

bool journal_ask(journal *j, sampler how, int64_t *number, double *point, arena scratch, err *e) {
    return transact(j, write_trial, &(start){&how, point, number, scratch}, e);
}

bool journal_begin(journal *j, const double *point, int64_t *number, err *e) {
    double own[SPACE_MOST];
    memcpy(own, point, sizeof *own * (size_t)j->p.s->n);
    return transact(j, write_trial, &(start){NULL, own, number, {0}}, e);
}

static bool write_report(journal *j, const void *what, text *to, scope *s, err *e) {
    (void)e;
    const journal_report_row *r = what;
    js line;
    begin_line(j, &line, s, OP_REPORT);
    js_put_int(&line, "trial_id", j->id[r->number]);
    js_put_int(&line, "step", r->step);
    put_real(&line, "intermediate_value", r->value);
    end_line(&line, to);
    return true;
}

bool journal_report(journal *j, int64_t number, int64_t step, double value, err *e) {
    return transact(j, write_report, &(journal_report_row){number, step, value}, e);
}

typedef struct ending {
    int64_t number;
    trial_state state;
    double score;
} ending;

static void put_end(journal *j, ending t, text *to, scope *s) {
    js line;
    trial_state state = isnan(t.score) && t.state != TRIAL_PRUNED ? TRIAL_FAILED : t.state;
    begin_line(j, &line, s, OP_SET_STATE);
    js_put_int(&line, "trial_id", j->id[t.number]);
    js_put_int(&line, "state", state);
    if (state != TRIAL_FAILED && !isnan(t.score)) {
        js_array(&line, "values");
        put_real(&line, NULL, t.score);
        js_end(&line);
    } else {
        js_put_null(&line, "values");
    }
    put_time(j, &line, "datetime_complete");
    end_line(&line, to);
}

static bool write_end(journal *j, const void *what, text *to, scope *s, err *e) {
    (void)e;
    put_end(j, *(const ending *)what, to, s);
    return true;
}

bool journal_tell(journal *j, int64_t number, trial_state state, double score, err *e) {
    return transact(j, write_end, &(ending){number, state, score}, e);
}

study journal_study(const journal *j) {
    return (study){j->p.s, j->p.maximise, j->n, j->trial};
}

/* ---- opening ---- */

static bool write_opening(journal *j, const void *what, text *to, scope *s, err *e) {
    (void)what;
    if (j->n > 0 && !j->p.resume)
        return refuse(e, "%s has study '%s' with %lld trials already; --resume continues it, or "
                      "name another file", j->path, j->p.study, (long long)j->n);
    for (int64_t i = 0; i < j->n; i++) {
        if (j->process[i] == 0 || journal_process_lives(j->process[i])) continue;
        j->lost++;
        put_end(j, (ending){i, TRIAL_FAILED, NAN}, to, s);
    }
    if (j->study >= 0) return true;
    js line;
    begin_line(j, &line, s, OP_CREATE_STUDY);
    js_put_word(&line, "study_name", j->p.study);
    js_array(&line, "directions");
    js_put_int(&line, NULL, j->p.maximise ? 2 : 1);
    js_end(&line);
    end_line(&line, to);
    return true;
}

bool journal_open(journal *j, const char *path, journal_params p, scope *owner, err *e) {
    const char *wrong = space_check(p.s);
    if (wrong) return refuse(e, "%s", wrong);
    *j = (journal){.path = path ? arena_text(&owner->keep, "%s", path) : NULL, .p = p,
                   .owner = owner, .study = -1};
    if (p.now) records_worker(j, p.now());
    else snprintf(j->worker, sizeof j->worker, "atelier");
    return transact(j, write_opening, NULL, e);
}
