/* surfaces_finetune: atelier sentiment --fit --fine-tune, from a table to a model that reads. */
#include "check.h"
#include "encoder_folder.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "data/folder.h"

/* 400 texts of a tiny vocabulary; positive are those with "well". */
static const char *write_table(const char *dir, scope *s) {
    static const char *const words[] = {"the", "dress", "fits", "small", "runs", "a", "soft",
                                        "size"};
    text t;
    err e = {0};
    rng r = rng_open(4, 4);
    text_open(&t, s);
    text_addf(&t, "words,opinion\n");
    for (int i = 0; i < 400; i++) {
        int n = 3 + (int)rng_below(&r, 6), good = rng_below(&r, 2) == 1;
        int at = (int)rng_below(&r, n);
        for (int k = 0; k < n; k++)
            text_addf(&t, "%s ", good && k == at ? "well" : words[rng_below(&r, 8)]);
        text_addf(&t, ",%s\n", good ? "yes" : "no");
    }
    const char *path = arena_text(&s->keep, "%s/table.csv", dir);
    check_ok(file_make_folders(dir, &e), &e);
    check_ok(file_replace(path, text_slice(&t), &e), &e);
    return path;
}

CHECK(cli_fine_tunes_and_reads_with_the_folder) {
    scope s;
    err e = {0};
    slice read;
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *dir = check_folder("cli_finetune"), *encoder = check_folder("cli_finetune_encoder");
    encoder_folder_safe(encoder, &s);
    const char *table = write_table(dir, &s);
    const char *model = arena_text(&s.keep, "%s/model", dir);
    const char *out = arena_text(&s.keep, "%s/read.csv", dir);
    check_run fit = check_atelier(
        &s, (const char *[]){"sentiment", "--fit", "--fine-tune", "--encoder", encoder, "--in",
                             table, "--text", "words", "--label", "opinion", "--model", model,
                             "--epochs", "6", "--learning-rate", "0.002", "--batch", "8",
                             "--cache", "none", "--json", NULL});
    check(fit.status == 0);
    const js_node *all = js_parse(&s, fit.out, &e);
    double accuracy = 0;
    check(all && js_real(js_get(js_get(all, "held_out"), "accuracy"), &accuracy));
    check(accuracy > 0.95);
    int64_t epochs = js_count(js_get(js_get(all, "fine_tuning"), "epochs"));
    check(epochs >= 1 && epochs <= 6);
    check_run use = check_atelier(
        &s, (const char *[]){"sentiment", "--in", table, "--text", "words", "--label", "opinion",
                             "--model", model, "--out", out, "--cache", "none", "--json", NULL});
    check(use.status == 0);
    all = js_parse(&s, use.out, &e);
    check(all && js_real(js_get(js_get(all, "labelled"), "accuracy"), &accuracy));
    check(accuracy > 0.95);
    check_ok(file_read(out, &s, 1 << 20, &read, &e), &e);
    check_has(read, "line,label,predicted,probability");
    /* another encoder in its place is not taken for it */
    char *weights = arena_text(&s.keep, "%s/encoder.atm", model);
    check(rename(arena_text(&s.keep, "%s/encoder.atm", encoder), weights) == 0);
    use = check_atelier(&s, (const char *[]){"sentiment", "--in", table, "--text", "words",
                                             "--model", model, "--out", out, NULL});
    check(use.status != 0);
    scope_close(&s);
}

CHECK(cli_fine_tuning_refuses_what_it_cannot_do) {
    static const char *const wrong[][4] = {
        {"--encoder", "none", "--model", "build/tests-tmp/cli_no_encoder"},
        {"--encoder", "minilm", "--model", "model.atm"},
        {"--encoder", "minilm", "--epochs", "3"}};
    static const char *const says[] = {"--encoder none has none", "--model DIR", "--model DIR"};
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *table = write_table(check_folder("cli_finetune_refused"), &s);
    for (int i = 0; i < 3; i++) {
        check_run r = check_atelier(
            &s, (const char *[]){"sentiment", "--fit", "--fine-tune", "--in", table, "--text",
                                 "words", "--label", "opinion", wrong[i][0], wrong[i][1],
                                 wrong[i][2], wrong[i][3], NULL});
        check(r.status == 2);
        check_has(r.err, says[i]);
    }
    scope_close(&s);
}
