/* 08_evaluate: scores every model once on the test period, each beside its baseline. */
#include "pipeline/evaluation_page.h"
#include "pipeline/family.h"
#include "pipeline/model_card.h"
#include "pipeline/stage.h"

static family_hook *pick(const family *one) { return one->evaluate; }

/* The same figures for people: report.html and a card for each family. */
static bool write_report(work *w, folder *f, scope *s, err *e) {
    slice bytes;
    const char *path = folder_path(f, "evaluation.json");
    const js_node *all = file_read(path, s, (size_t)32 << 20, &bytes, e)
                             ? js_parse(s, bytes, e)
                             : NULL;
    return all && folder_write(f, "report.html", evaluation_page(w, s, all), e) &&
           model_cards_write(w, f, all, e);
}

static bool run(work *w, folder *f, scope *s, err *e) {
    return family_step(w, f, "evaluation.json", pick, e) && write_report(w, f, s, e);
}

const stage stage_evaluate = {
    .number = "08",
    .word = "evaluate",
    .title = "Scores every model on the test period, each beside its baseline.",
    .reads = FAMILY_READS " train.json tune.json",
    .writes = "evaluation.json report.html",
    .run = run,
    .learns = true,
};
