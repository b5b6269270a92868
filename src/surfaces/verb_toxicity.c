/* verb_toxicity: which texts insult somebody: to be looked at, or not to be shown at all. */
#include <stdio.h>
#include <string.h>

#include "pipeline/language_toxicity.h"
#include "surfaces/toxicity_fit.h"
#include "surfaces/toxicity_texts.h"

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"text", OPTION_TEXT, "COLUMN", "header of the column with the texts (default: by its name)"},
    {"model", OPTION_TEXT, "DIR",
     "folder (or .atm file) that --fit writes and reading reads (default: the ready head)"},
    {"encoder", OPTION_TEXT, "NAME",
     "none: words alone (auto: vectors where weights are); with --fit also a name or a folder",
     .value = "auto"},
    {"weights", OPTION_TEXT, "DIR", "folder of the known encoders (default: as for embed)"},
    {"precision", OPTION_CHOICE, "fp32|int8|fast",
     "of the encoder; fast = int8 on processors with VNNI alone", .value = "fast"},
    {"cache", OPTION_TEXT, "DIR", "where vectors are kept for the next run (default: none)"},
    {"fit", OPTION_FLAG, NULL, "learn from labels; judge on parts that are held out"},
    {"label", OPTION_TEXT, "COLUMN", "with --fit: header of the column that says what is toxic"},
    {"toxic", OPTION_TEXT, "VALUES", "with --fit: its values that mean toxic, by commas",
     .value = "1,true,yes,toxic"},
    {"clean", OPTION_TEXT, "FILE", "with --fit: a table of clean texts, as the shop gets them"},
    {"clean-text", OPTION_TEXT, "COLUMN", "header of its texts (default: by its name)"},
    {"clean-share", OPTION_REAL, "SHARE",
     "of the clean texts to learn from, by a hash of the text; the others judge",
     .value = "0.5", .low = 0, .high = 1},
    {"harmless", OPTION_TEXT, "FILE",
     "with --fit: a table of harmless texts with words that insults have too (column text)"},
    {"holdout", OPTION_REAL, "SHARE", "labelled texts to judge on, by a hash of the text",
     .value = "0.2", .low = 0, .high = 0.9},
    {0}};

static bool write_rows(const args *a, bench *b, const toxicity_texts *t, const toxicity_found *f,
                       scope *s, err *e) {
    static const char *const names[] = {"line", "probability", "level", "why", "note"};
    static const column_type types[] = {COLUMN_I64, COLUMN_REAL, COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_TEXT};
    columns c = columns_new(&s->keep, 5, names, types, t->n);
    c.at[1].valid = take(&s->keep, uint8_t, t->n);
    c.at[2].valid = take(&s->keep, uint8_t, t->n);
    for (int64_t i = 0; i < t->n; i++) {
        bool read = f->note[i] == NULL;
        c.at[0].i64[i] = t->line[i];
        c.at[1].valid[i] = c.at[2].valid[i] = read;
        c.at[1].real[i] = f->probability[i];
        c.at[2].text[i] = slice_of(toxicity_level_names[f->level[i]]);
        c.at[3].text[i] = language_toxicity_words(f, i, &s->keep);
        c.at[4].text[i] = slice_of(read ? "" : f->note[i]);
    }
    return db_put(b->d, "toxicity", &c, e) && verb_write(a, b, "toxicity", e);
}

static bool read_with(const args *a, bench *b, scope *s, const toxicity_texts *t,
                      toxicity_found *found, js *out, err *e) {
    toxicity_file f;
    encoder_file encoder;
    float *v = NULL;
    const char *model = args_text(a, "model");
    if (!(model ? toxicity_file_open(&f, model, s, e) : toxicity_file_ready(&f, s, e)))
        return false;
    bool wanted = strcmp(args_text(a, "encoder"), "none") != 0;
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    *found = language_toxicity_plain(t->text, t->n, b->threads, s);
    if (wanted && toxicity_file_encoder(&f, weights, &encoder, s)) {
        slice *read = take_copy(&s->keep, slice, found->plain, t->n);
        for (int64_t i = 0; i < t->n; i++)
            if (found->note[i]) read[i] = (slice){NULL, 0};
        v = toxicity_vectors(a, b, &encoder, read, t->n, s, e);
        if (!v) return false;
    } else if (wanted && f.has_vectors) {
        fprintf(stderr, "words alone: the weights of %.*s are not here (tools/setup.sh "
                        "--weights)\n", (int)f.encoder.n, f.encoder.p);
    }
    const toxicity_model *m = toxicity_file_pick(&f, v != NULL);
    language_toxicity_score(&f, v, found, b->threads, s);
    js_put_word(out, "model", f.name);
    js_put_word(out, "reads", v ? "words and vectors" : "words");
    language_toxicity_counts(m, found, out);
    if (!args_json(a))
        fprintf(stderr, "%lld texts: %lld to review (P > %.3f), %lld to block (P > %.3f), %lld not "
                        "read\n", (long long)t->n, (long long)found->count[TOXICITY_REVIEW],
                m->review, (long long)found->count[TOXICITY_BLOCK], m->block,
                (long long)found->unread);
    return true;
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    toxicity_texts t;
    toxicity_found found;
    timing took = {0};
    double clock = args_clock();
    bool fit = args_flag(a, "fit");
    if (fit && !args_given(a, "label"))
        return refuse(e, "--fit needs --label COLUMN: the column that says which texts are toxic");
    if (!verb_open(a, s, &b, e)) return false;
    if (fit) {
        if (!toxicity_fit_run(a, &b, s, out, e)) return false;
        took.fit_s = args_lap(&clock);
    } else {
        toxicity_asked ask = {args_text(a, "in"), args_text(a, "text"), NULL, args_text(a, "map"),
                              "texts"};
        if (!toxicity_texts_read(&ask, &b, s, &t, out, e)) return false;
        took.read_s = args_lap(&clock);
        if (!read_with(a, &b, s, &t, &found, out, e)) return false;
        took.score_s = args_lap(&clock);
        if (!write_rows(a, &b, &t, &found, s, e)) return false;
        took.write_s = args_lap(&clock);
    }
    args_timing(out, &took);
    return true;
}

const verb verb_toxicity = {
    .name = "toxicity",
    .words = "",
    .group = "table",
    .title = "Which texts insult somebody: to review, to block, and by which words.",
    .example = "atelier toxicity --in reviews.csv --text \"Review Text\" --out t.csv",
    .options = options,
    .run = run,
};
