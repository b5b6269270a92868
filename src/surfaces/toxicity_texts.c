/* toxicity_texts: the texts of a table, with the words of a label beside where one is named. */
#include "surfaces/toxicity_texts.h"

#include <string.h>

#include "pipeline/vectors.h"
#include "surfaces/progress.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, true,
     "review_text|review|review_body|body|content|sentence|comment|tweet"},
    {"label", CONTRACT_TEXT, false, ""},
};
static const contract table_contract = {"texts", 2, table_columns};

bool toxicity_texts_read(const toxicity_asked *ask, bench *b, scope *s, toxicity_texts *t, js *out,
                         err *e) {
    table_count count = {0};
    columns *c = take(&s->keep, columns, 1);
    const char *map = ask->map;
    if (map && ask->text)
        return refuse(e, "--text and --map both say which column holds the texts: give one");
    if (ask->text || ask->label)
        map = arena_text(&s->keep, "%s%s%s%s%s", ask->text ? "text=" : "",
                         ask->text ? ask->text : "", ask->text && ask->label ? "," : "",
                         ask->label ? "label=" : "", ask->label ? ask->label : "");
    if (!table_read(b->d, ask->in, &table_contract, map, ask->table, &count, e)) return false;
    verb_say_count(&count, ask->in, out);
    if (!db_query(b->d, &s->keep, c, e, "SELECT src_line, text, label FROM %s ORDER BY src_line",
                  ask->table))
        return false;
    *t = (toxicity_texts){c->rows, columns_i64(c, "src_line"), columns_text(c, "text"),
                          columns_find(c, "label")};
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
