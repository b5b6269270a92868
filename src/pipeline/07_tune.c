/* 07_tune: chooses each family's parameters on the validation period. */
#include "pipeline/family.h"
#include "pipeline/stage.h"
#include "pipeline/tuned_file.h"

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
    .beside = TUNED_FOLDER,
    .run = run,
    .learns = true,
};
