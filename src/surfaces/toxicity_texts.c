/* toxicity_texts: the texts of a table, with the words of a label beside where one is named. */
#include "surfaces/toxicity_texts.h"

#include <string.h>

#include "pipeline/vectors.h"
#include "surfaces/progress.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, false, /* an empty one is counted, and answered for */
     "review_text|review|review_body|body|content|sentence|comment|tweet"},
    {"label", CONTRACT_TEXT, false, ""},
};
static const contract table_contract = {"texts", 2, table_columns};

bool toxicity_texts_read(const toxicity_asked *ask, bench *b, scope *s, toxicity_texts *t, js *out,
                         err *e) {
    columns *c = take(&s->keep, columns, 1);
    const char *map = ask->map;
    if (map && ask->text)
        return refuse(e, "--text and --map both say which column holds the texts: give one");
    if (ask->text || ask->label)
        map = arena_text(&s->keep, "%s%s%s%s%s", ask->text ? "text=" : "",
                         ask->text ? ask->text : "", ask->text && ask->label ? "," : "",
                         ask->label ? "label=" : "", ask->label ? ask->label : "");
    table_loaded loaded;
    table_load in = {.path = ask->in, .c = &table_contract, .table = ask->table, .map = map};
    if (!verb_read_texts(b, in, &loaded, s, out, e) ||
        !db_query(b->d, &s->keep, c, e, "SELECT src_line, text, label FROM %s ORDER BY src_line",
                  ask->table))
        return false;
    const column *texts = columns_find(c, "text");
    slice *words = take(&s->keep, slice, c->rows);
    for (int64_t i = 0; i < c->rows; i++)
        words[i] = column_has(texts, i) ? texts->text[i] : SLICE("");
    *t = (toxicity_texts){c->rows, columns_i64(c, "src_line"), words, columns_find(c, "label")};
    return true;
}

float *toxicity_vectors(const args *a, bench *b, encoder_file *encoder, const slice *texts,
                        int64_t n, scope *s, err *e) {
    progress_view view;
    vectors_told told;
    const char *cache = args_text(a, "cache"), *precision = args_text(a, "precision");
    if (strcmp(precision, "int8") == 0 || (strcmp(precision, "fast") == 0 && encoder_quick()))
        encoder_quicken(&encoder->model, &s->keep);
    vectors_params p = {b->threads, cache && strcmp(cache, "none") != 0 ? cache : NULL,
                        progress_open(&view)};
    float *v = vectors_make(encoder, texts, n, &p, args_clock, &told, s, e);
    progress_close(&view);
    return v;
}
