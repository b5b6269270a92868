/* attributes: tables of attributes as sparse rows of features, for als_features.
 *
 * Column 0 is 1 in every row. Each field of a table gives, for a row whose value is not empty:
 *
 *     value     one column for each value: 1                                          (one-hot)
 *     bands     a field of more than `bands` different numbers: one column for each of `bands`
 *               parts of equal size by rank: 1                            (ages, prices, dates)
 *     words     a field that is not numbers, where the value has two words or more: one column for
 *               each word, by ln((1 + n) / (1 + rows with it)) + 1, the value's words of length 1
 *
 * A column stays when at least min_rows of the rows that count hold it and at least one does not;
 * of more than `most` the most frequent stay, ties to the one met first. Equal values of different
 * fields are different columns. A word is a run of ASCII letters, digits and non-ASCII bytes of two
 * bytes or more, ASCII letters lower-cased. No column depends on what was bought: rows that are
 * held out may be there with their attributes. */
#ifndef MODELS_RECOMMEND_ATTRIBUTES_H
#define MODELS_RECOMMEND_ATTRIBUTES_H

#include "base/sparse.h"
#include "base/text.h"

typedef struct attributes_params {
    int min_rows; /* >= 1 */
    int most;     /* columns, >= 1, with column 0 */
    int bands;    /* >= 2 */
} attributes_params;

#define ATTRIBUTES_DEFAULTS ((attributes_params){.min_rows = 5, .most = 1024, .bands = 10})

/* fields[n] of values[rows] each; counts[rows] 1 = the row counts for min_rows and most (rows with
 * interactions), NULL = all. features[rows, columns] in keep. scratch: about 60 bytes a word. */
sparse attributes_fit(const slice *const *fields, int n, int64_t rows, const uint8_t *counts,
                      attributes_params p, arena *keep, arena scratch);

/* Features as vectors for cosine similarity: each value times ln(rows / rows that hold the column),
 * rows of length 1; what all rows hold counts nothing. In keep, with the columns given. */
sparse attributes_vectors(const sparse *features, arena *keep);

#endif
