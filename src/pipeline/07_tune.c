/* 07_tune: chooses each family's parameters on the validation period. */
#include "pipeline/family.h"
#include "pipeline/stage.h"

static family_hook *pick(const family *one) { return one->tune; }

static bool run(work *w, folder *f, scope *s, err *e) {
    (void)s;
    return family_step(w, f, "tune.json", pick, e);
}

const stage stage_tune = {
    .number = "07",
    .word = "tune",
    .title = "Chooses each family's parameters on the validation period.",
    .reads = FAMILY_READS " train.json",
    .writes = "tune.json",
    .run = run,
    .learns = true,
};
