/* recommend_file: what lists are ranked by, as arrays of a model file: purchases, looks, sources,
 * factors, facts and trees.
 *
 *     recommend_file_put(out, &m, s->scratch, e)                       // beside other arrays
 *     recommend_file_get(&m, &d, file, customer, &s->keep, s->scratch, e)
 *     recommend_rank(&m, (recommend_ask){&zero, 1, 50, true}, …)       // zero: she is number 0
 *
 * What is read is a fit that knows one customer alone: her list comes out as it did when it was
 * fitted, bit for bit on processors with the same instructions, with all parts of every score.
 *
 * Arrays, by dense numbers: history_at [customers + 1], history_item, _day, _weight [purchases]
 * rows by customer, article, day; looks_… the same, of the last RECOMMEND_LOOK_DAYS; band
 * [customers]; band_items, band_scores [bands + 1, RECOMMEND_WIDTH]; M_at, M_col, M_value for the
 * matrices M content, together, variants, next [articles, articles], in_kind, arrivals [kinds,
 * articles]; groups [kind, product, category, colour and the traits; articles]; active, popular
 * [articles]; als_user [customers, ld] beside als_item; again [kinds + 1, cells]; fit_numbers
 * (recommend_file.c), fit_weights [1, sources]; with a ranker facts_article [articles, columns],
 * facts_customer [customers, columns] and the trees "ranker". */
#ifndef PIPELINE_RECOMMEND_FILE_H
#define PIPELINE_RECOMMEND_FILE_H

#include "data/store.h"
#include "pipeline/recommend_models.h"

bool recommend_file_put(store_writer *out, const recommend_fit *m, arena scratch, err *e);

/* m and d point into the file, which must stay open; the rest lives in keep. The file's bytes must
 * have been checked; fails when an array is missing or of another size. */
bool recommend_file_get(recommend_fit *m, recommend_data *d, const store *file, int64_t customer,
                        arena *keep, arena scratch, err *e);

/* Of that what knows no customer, without the matrices: parameters, groups, active, popular. */
bool recommend_file_articles(recommend_fit *m, recommend_data *d, const store *file, err *e);

#endif
