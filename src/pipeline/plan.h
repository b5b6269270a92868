/* plan: the table of contents of the whole system: ten steps, and how a run goes through them.
 *
 * Each step has a key: the hash of the program, its SQL, the options that matter and the manifests
 * of the steps whose tables it reads (for the first step: the bytes of the shop's files and of its
 * tables in a database). A step whose folder carries that key, undamaged, is reused; so a run that
 * was killed goes on where it stopped and ends with the same bytes. Of a step that is made again,
 * the parts that read nothing new are taken over (part.h), with the same bytes too. */
#ifndef PIPELINE_PLAN_H
#define PIPELINE_PLAN_H

#include "pipeline/stage.h"

extern const stage *const plan[10];

/* Index of a step by word or number ("datasets", "03", "3"); refuses with the nearest word. */
bool plan_find(const char *said, int *out, err *e);

typedef struct plan_result {
    double seconds, ended; /* ended: on the watch's clock */
    int64_t peak_bytes;    /* of memory held while it ran; 0 = unknown */
    bool reused;
    int parts, taken; /* of the step, when it ran: how many there are, how many were taken over */
    const char *why; /* why it ran or was reused */
} plan_result;

/* What a surface wants to know while a run goes on. */
typedef struct plan_watch {
    double (*clock)(void); /* seconds, from any origin */
    int64_t (*peak)(void); /* most bytes held since it was last asked; NULL, 0 = unknown */
    void (*done)(void *what, const stage *step, const plan_result *result); /* after each step */
    void *what;
} plan_watch;

/* Runs the steps from..to (indexes, inclusive) of plan over w; steps before `from` must have
 * results. results[10] is filled. One run at a time may hold w->out. */
bool plan_run(work *w, int from, int to, plan_result *results, const plan_watch *watch, err *e);

/* Only one at a time writes into a folder of results: the lock file names the holder. close(*file)
 * lets it go. */
bool plan_lock(const char *out, int *file, err *e);

#endif
