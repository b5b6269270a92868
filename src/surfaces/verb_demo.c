/* verb_demo: atelier demo DIR: writes a made-up shop to try everything on. */
#include <stdio.h>

#include "pipeline/demo.h"
#include "surfaces/progress.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"size", OPTION_CHOICE, "tiny|small|medium|large",
     "300, 2 thousand, 50 thousand or 1.3 million customers", .value = "small"},
    {"seed", OPTION_INT, "N", "the same seed gives the same bytes", .value = "1",
     .low = 0, .high = 9007199254740992.0},
    {"force", OPTION_FLAG, NULL, "replace DIR even when it is not a demo shop"},
    {0},
};

static void print_made(const demo_made *made, const char *dir, double seconds) {
    int64_t rows = 0, dirty = 0;
    printf("%-24s %12s %10s\n", "file", "rows", "wrong");
    for (int i = 0; i < made->n; i++) {
        printf("%-24s %12lld %10lld\n", made->files[i].file, (long long)made->files[i].rows,
               (long long)made->files[i].dirty);
        rows += made->files[i].rows;
        dirty += made->files[i].dirty;
    }
    printf("%-24s %12lld %10lld\n", "all", (long long)rows, (long long)dirty);
    printf("\n%s is a demo shop now (%.1f s). What is planted in it: %s/truth.json\n", dir, seconds,
           dir);
    printf("Next: atelier run %s\n", dir);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    (void)s;
    double start = args_clock();
    progress_view view = {0};
    progress p = progress_open(&view);
    demo_params params = {.size = demo_size_find(args_text(a, "size")),
                          .seed = (uint64_t)args_int(a, "seed"),
                          .force = args_flag(a, "force")};
    demo_made made;
    const char *dir = args_word(a, 0);
    bool done = demo_make(dir, params, &p, &made, e);
    progress_close(&view);
    if (!done) return false;
    double seconds = args_clock() - start;
    if (!args_json(a)) {
        print_made(&made, dir, seconds);
        return true;
    }
    js_put_word(out, "shop", dir);
    js_put_word(out, "size", params.size->name);
    js_put_int(out, "seed", (int64_t)params.seed);
    js_array(out, "files");
    for (int i = 0; i < made.n; i++) {
        js_object(out, NULL);
        js_put_word(out, "file", made.files[i].file);
        js_put_int(out, "rows", made.files[i].rows);
        js_put_int(out, "dirty", made.files[i].dirty);
        js_end(out);
    }
    js_end(out);
    args_timing(out, &(timing){.write_s = seconds});
    return true;
}

const verb verb_demo = {
    .name = "demo",
    .words = "DIR",
    .group = "shop",
    .title = "Write a made-up shop with planted truths, to try everything on.",
    .example = "atelier demo shop --size small --seed 1",
    .least_words = 1,
    .most_words = 1,
    .options = options,
    .run = run,
};
