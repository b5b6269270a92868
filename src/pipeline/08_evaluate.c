/* 08_evaluate: scores every model once on the test period, each beside its baseline. */
#include "pipeline/family.h"
#include "pipeline/stage.h"

static family_hook *pick(const family *one) { return one->evaluate; }

static bool run(work *w, folder *f, scope *s, err *e) {
    (void)s;
    return family_step(w, f, "evaluation.json", pick, e);
}

const stage stage_evaluate = {
    .number = "08",
    .word = "evaluate",
    .title = "Scores every model on the test period, each beside its baseline.",
    .reads = FAMILY_READS " tune.json",
    .writes = "evaluation.json",
    .run = run,
};
