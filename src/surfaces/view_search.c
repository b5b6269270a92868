/* view_search: articles by what somebody types: words, and what they mean, with reasons. */
#include <math.h>

#include "surfaces/reader.h"
#include "surfaces/view.h"

enum { QUERY, K, CATEGORY, VARIANTS };

static void put_reasons(js *j, const search_found *one) {
    js_array(j, "words");
    for (int i = 0; i < one->n_words; i++) js_put_text(j, NULL, one->word[i]);
    js_end(j);
    js_array(j, "reasons");
    if (one->n_words > 0) js_put_word(j, NULL, "has words of the query");
    if (one->meaning > SEARCH_NEAR) js_put_word(j, NULL, "its description means alike");
    js_end(j);
}

static void put_found(view *v, const search_found *one, int64_t rank) {
    js *j = v->j;
    js_object(j, NULL);
    view_article(j, v->b, one->article);
    view_number(j, "score", (double)one->score);
    view_number(j, "words_score", (double)one->words);
    view_number(j, "meaning", v->b->search.row[one->article] < 0 ? NAN : (double)one->meaning);
    js_put_int(j, "rank", rank);
    put_reasons(j, one);
    js_end(j);
}

int view_search_articles(view *v) {
    const search_index *x = &v->b->search;
    slice query = v->values[QUERY].text;
    if (!v->values[QUERY].given)
        return view_mistake(v, &(param_mistake){"missing", "query", "q", "Field required", NULL,
                                                {0}});
    if (!x->has) return view_missing(v, "this bundle has no index of the articles' texts");
    err why = {0};
    search_rule rule = {(int)v->values[K].number, v->b->category,
                        (int32_t)v->values[CATEGORY].number, v->b->product,
                        (int)v->values[VARIANTS].number};
    search_found *found = take(v->keep, search_found, rule.k);
    reader_desk *desk = reader_begin(v->reads);
    const float *vector = NULL;
    if (x->wide > 0)
        vector = reader_vectors(v->reads, &(reader_want){x->encoder, x->encoder_hash, NULL},
                                &query, 1, &why);
    int64_t n = search_ask(x, query, vector, &rule, found, desk->memory->scratch);
    reader_end(v->reads);
    view_model(v, "search");
    js_put_text(v->j, "q", query);
    js_put_word(v->j, "by", vector ? "words and meaning" : "words");
    if (vector) js_put_null(v->j, "note");
    else js_put_word(v->j, "note", x->wide == 0 ? "the articles have no vectors" : why.text);
    js_array(v->j, "items");
    for (int64_t i = 0; i < n; i++) put_found(v, &found[i], i + 1);
    js_end(v->j);
    js_put_int(v->j, "took_us", (view_clock_ns() - v->started_ns) / 1000);
    return 200;
}
