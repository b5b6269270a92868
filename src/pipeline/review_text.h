/* review_text: reviews as people read them: HTML away, their language told, what is not read
 * counted.
 *
 *     review_text t;
 *     review_text_read(texts, n, threads, s, &t);
 *     if (t.unread[i] == REVIEW_READ) use(t.plain[i]);
 *
 * Not read are texts that are empty once plain, texts without a letter or digit (emoji, stars), and
 * texts in another language than the shop's: that is English, or, where most of the texts whose
 * language can be told are in one other language, that one. A text whose language cannot be told (a
 * word or two) is read. */
#ifndef PIPELINE_REVIEW_TEXT_H
#define PIPELINE_REVIEW_TEXT_H

#include "base/pool.h"
#include "models/language/tongue.h"

typedef enum review_unread {
    REVIEW_READ,
    REVIEW_EMPTY,
    REVIEW_SIGNS,
    REVIEW_FOREIGN,
    REVIEW_REASONS
} review_unread;

typedef struct review_text {
    int64_t n;
    slice *plain;                   /* [n] without spaces at the ends */
    const char **language;          /* [n] "English", "German", "Cyrillic script"; NULL = unknown */
    uint8_t *unread;                /* [n] review_unread */
    int64_t count[REVIEW_REASONS];  /* texts */
    const char *main;               /* the shop's language */
    int n_languages;                /* of texts that are REVIEW_FOREIGN */
    const char *languages[64];      /* [n_languages] most frequent first, then by name */
    int64_t in_language[64];
} review_text;

/* Everything in s->keep. */
void review_text_read(const slice *texts, int64_t n, pool *threads, scope *s, review_text *out);

/* Text without HTML: the slice itself where there is none, else written to keep. */
slice review_text_plain(slice from, arena *keep);

#endif
