/* 06_train: fits every model with its defaults on the training period. */
#include "pipeline/family.h"
#include "pipeline/stage.h"

static family_hook *pick(const family *one) { return one->train; }

static bool run(work *w, folder *f, scope *s, err *e) {
    (void)s;
    return family_step(w, f, "train.json", pick, e);
}

const stage stage_train = {
    .number = "06",
    .word = "train",
    .title = "Fits every model with its defaults on the training period.",
    .reads = FAMILY_READS "",
    .writes = "train.json",
    .run = run,
    .learns = true,
};
