/* tune_journal: the trials of a study in a file that Optuna reads and continues as we do.
 *
 *     journal j;
 *     journal_params p = {.study = "als", .s = &space, .maximise = true, .now = micros};
 *     journal_open(&j, "als.journal", p, &s, e)
 *     while (journal_ask(&j, STUDY_DEFAULTS, &number, point, s.scratch, e) && number >= 0)
 *         … journal_report(&j, number, epoch, score, e) …
 *         journal_tell(&j, number, TRIAL_COMPLETE, score, e)
 *
 * The format is that of optuna's JournalStorage over a JournalFileBackend: one JSON object a line,
 * "op_code" saying what happened, "worker_id" who wrote it; studies and trials are numbered by
 * their order in the file, which several studies and programs may share. A line is appended under
 * the lock FILE.lock and synced, so that who is killed loses what was running and nothing else.
 * Whatever others wrote is read before each own line. A last line without its end is what a killed
 * writer left: it is cut off. Our running trials whose process is gone are closed as failed.
 *
 * Lock: a file that must not be there yet, as optuna makes it; ours names host and process, so that
 * one of a process that is gone does not hold anybody up. Any other is taken over once nothing has
 * changed for 30 s. Not for several threads at once. */
#ifndef PIPELINE_TUNE_JOURNAL_H
#define PIPELINE_TUNE_JOURNAL_H

#include "base/json.h"
#include "models/tune/study.h"

typedef struct journal_params {
    const char *study; /* name */
    const space *s;
    bool maximise;
    bool resume;          /* false: a study of that name with trials is refused */
    int64_t (*now)(void); /* microseconds since 1970; NULL: always 0 and no process named, for files
                             that must come out the same */
} journal_params;

typedef struct journal_report_row {
    int64_t number, step; /* of the trial; what it had reached */
    double value;
} journal_report_row;

typedef struct journal {
    const char *path; /* NULL: in memory only */
    journal_params p;
    scope *owner;
    char worker[128];
    int64_t read, lines; /* bytes and lines of the file that are in here */
    int64_t studies, studies_most;
    uint64_t *study_name; /* [studies] of the file: hash of the name, 0 = deleted */
    int64_t study;        /* place of ours, -1 before it is made */
    int64_t ids, ids_most;
    int32_t *number_of; /* [ids] of each trial of the file in our study, -1 = of another one */
    int64_t n, most;
    study_trial *trial; /* [n] of our study, by number */
    int64_t *id;        /* [n] its place in the file */
    int32_t *process;   /* [n] of this machine and still to end, 0 = not known */
    int64_t reports, reports_most;
    journal_report_row *report; /* [reports] of our study, in the order of the file */
    int64_t cut;                /* bytes of a torn last line that were cut off */
    int64_t lost;               /* trials of processes that are gone, closed as failed */
} journal;

/* Everything lives in owner; path NULL keeps nothing. Refuses a file with a line that is no record
 * (by its number), another direction or space than p's, and trials when p.resume is not set. */
bool journal_open(journal *j, const char *path, journal_params p, scope *owner, err *e);

/* Begins a trial at the point that the sampler asks for; number -1: the grid has no more. */
bool journal_ask(journal *j, sampler how, int64_t *number, double *point, arena scratch, err *e);
/* Begins one at a point that is known, such as the parameters in use. */
bool journal_begin(journal *j, const double *point, int64_t *number, err *e);
bool journal_report(journal *j, int64_t number, int64_t step, double value, err *e);
/* A score that is not a number ends the trial as failed; of a pruned one it is the last report. */
bool journal_tell(journal *j, int64_t number, trial_state state, double score, err *e);

/* What is in here, without looking at the file again. */
study journal_study(const journal *j);

/* A number as Python writes it: the shortest digits that read back, "16.0", "1e-05". */
char *journal_real(double x, char to[32]);

/* ---- the lock (tune_lock.c) ---- */
bool journal_lock(const char *path, err *e);
void journal_unlock(const char *path);
/* False when no process of that number is on this machine. */
bool journal_process_lives(int64_t process);

#endif
