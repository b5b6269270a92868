/* language_reviews: what all parts found in each review as one table, and how it moved.
 *
 * Table review_results (one row a review of e_reviews, by review): review, language, positive
 * (calibrated probability), sentiment (negative, uncertain, positive, unread), topic,
 * topic_similarity, aspects ("fit:-;fabric:+"), size_direction, toxicity, toxicity_level. It joins
 * the tables review_sentiment, review_topics, review_aspects and review_toxicity of this step; what
 * no part wrote is NULL.
 *
 * reviews.json:
 * {"schema": "atelier.reviews/1", "reviews": n, "dated": bool, "note": words or null,
 *  "by_category": [{"category", "reviews", "positive_share", "low", "high",
 *                   "months": [{"month", "reviews", "positive_share", "low", "high"}],
 *                   "changes": [{"month", "before", "after", "difference", "low", "high",
 *                                "evidence"}]}],          the first category is "(all)"
 *  "aspects": [{"aspect", the same}],
 *  "articles": [{"article", "name", "reviews", "positive_share", "low", "high", "change"}],
 *  "disagreements": [{"review", "article", "day", "category", "rating", "label", "probability",
 *                     "text"}]}
 * Shares count the reviews' own labels; a review without one counts by its sentiment, unless that
 * is uncertain. Aspect shares are positive mentions of positive and negative ones. Changes are
 * those of changes.h, the categories (aspects, articles) taken as one family of series. A label and
 * the words disagree when the sentiment is certain and on the other side; the surest come first,
 * half of the places for each direction. Without days there are no months and no changes. */
#ifndef PIPELINE_LANGUAGE_REVIEWS_H
#define PIPELINE_LANGUAGE_REVIEWS_H

#include "pipeline/language_data.h"

/* Writes both into f, and a few numbers into the report. Runs after the other parts. */
bool language_reviews_insight(work *w, folder *f, scope *s, const language_data *d, js *report,
                              err *e);

/* What people see of a text, cut at a word to `most` bytes: for quotes. */
slice language_quote(slice from, size_t most, arena *keep);

/* Writes reviews.atm for the server: texts `article` [articles]: what GET
 * /v1/reviews/articles/{id} answers, as JSON members without braces, or empty for an article
 * without reviews. Nothing is written where the step before wrote no review_results. */
bool language_reviews_publish(work *w, folder *f, scope *s, err *e);

#endif
