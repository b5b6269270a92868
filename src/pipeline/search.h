/* search: articles by what somebody types: words that their texts have, and what they mean.
 *
 *     score(q, a) = words(q, a) + meaning(q, a)
 *
 * words: cosine of tf-idf rows (tfidf.h; words and pairs of b_articles.text). meaning: cosine of
 * the encoder's vectors (of name, type and description, without the colour, so that the colours of
 * a product cost once) after the mean of all articles' vectors is taken off, which is what texts of
 * one trade have in common; 0 without an encoder and for articles without a vector. Only articles
 * with a word of the query, or with a meaning above SEARCH_NEAR, are found.
 *
 * The answer is exact: the k best by meaning come from topk.h, every article with a word of the
 * query is scored, and an article that is in neither set cannot be among the best.
 *
 * File search.atm (store.h, kind "search"): texts `term`; df I32 [terms, 1]; words_at, words_col,
 * words_value [terms, articles]; texts `encoder` (name, hash; none without vectors); mean F32 [1,
 * wide]; vectors F32 [rows, wide], centred, of length 1; vector_article I32 [rows, 1], ascending.
 *
 * Vectors are computed at publishing for the articles that sell most, as far as SEARCH_PIECES go
 * (10 s of two plain AVX2 cores), and kept in the run's .vectors. */
#ifndef PIPELINE_SEARCH_H
#define PIPELINE_SEARCH_H

#include "models/language/tfidf.h"
#include "models/recommend/topk.h"
#include "pipeline/work.h"

#define SEARCH_NEAR 0.2f
enum { SEARCH_PIECES = 42000, SEARCH_QUERY = 500 }; /* bytes of a query, at most */

typedef struct search_index {
    bool has;
    int64_t articles;
    tfidf_model words;
    sparse by_term;       /* [terms, articles] */
    int32_t wide;         /* 0 = no vectors */
    const float *mean;    /* [wide] */
    const int32_t *article; /* [rows] of the vectors */
    int32_t *row;         /* [articles] -1 = no vector */
    topk_index near;      /* of the rows */
    slice encoder, encoder_hash; /* empty without vectors */
} search_index;

typedef struct search_rule {
    int k;                   /* 1 … 100 */
    const int32_t *category; /* [articles] */
    int32_t wanted;          /* a category, or -1 = all */
    const int32_t *product;  /* [articles] */
    int max_variants;        /* of a product, >= 1 */
} search_rule;

enum { SEARCH_WORDS = 5 };
typedef struct search_found {
    int32_t article;
    float score, words, meaning;
    slice word[SEARCH_WORDS]; /* of the query that the article has, the weightiest first */
    int n_words;
} search_found;

/* Writes search.atm into f, and members of the report: articles, vectors, encoder, note. */
bool search_publish(work *w, folder *f, scope *s, js *report, err *e);

/* Best first, into out [rule.k]; how many. vector [wide] is the query's, of length 1, or NULL.
 * Takes 20 bytes an article of scratch; the found words lie in the index. */
int64_t search_ask(const search_index *x, slice query, const float *vector,
                   const search_rule *rule, search_found *out, arena scratch);

#endif
