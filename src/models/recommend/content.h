/* content: articles as TF-IDF vectors of their words and attributes, for cosine similarity.
 *
 *     w(article, term) = field_weight (1 + ln tf) (ln((1 + n) / (1 + df)) + 1),  rows of length 1
 *
 * A field is either text (each run of ASCII letters, digits and non-ASCII bytes, lower-cased, of
 * two bytes or more, is a term) or an attribute (its whole value is one term). Equal words of
 * different fields are different terms. Terms in fewer than min_articles or in more than
 * max_share of the articles are left out: they cannot tell articles apart.
 * Source: Manning, Raghavan, Schütze, "Introduction to information retrieval" (2008), 6.4. */
#ifndef MODELS_RECOMMEND_CONTENT_H
#define MODELS_RECOMMEND_CONTENT_H

#include "base/sparse.h"
#include "base/text.h"

typedef struct content_field {
    const slice *values; /* [articles]; an empty one is no term */
    float weight;
    bool is_text;
} content_field;

typedef struct content_params {
    int min_articles;
    double max_share;
} content_params;

#define CONTENT_DEFAULTS ((content_params){.min_articles = 2, .max_share = 0.25})

/* vectors[articles, terms]; an article without terms has an empty row. scratch: about 40 bytes a
 * word of the catalogue. */
sparse content_fit(const content_field *fields, int n_fields, int64_t articles, content_params p,
                   arena *keep, arena scratch);

#endif
