/* aspects: what a review says of fit, size, fabric and nine more, good or bad, by words and rules.
 *
 *     const aspects_lexicon *l = aspects_open(&s.keep);
 *     aspects_found f = aspects_read(l, texts, n, threads, &s.keep, s.scratch);
 *     f.at[k]: text 17, fabric, -1, bytes 40 … 61 of the text are the clause that says so
 *
 * A text is cut into sentences, a sentence into clauses (; : brackets, "but", "although" …), a
 * clause into parts (commas, "and", "because" …). The words of a part are looked up in a lexicon
 * (aspects_words.c): names of aspects ("fabric"), cues that carry aspect and polarity ("itchy"),
 * scales whose polarity hangs on their neighbours ("long": too long, long enough), and opinions
 * ("lovely") that belong to the nearest name of an aspect in the part. Negation turns what follows
 * it in its part, and beyond an "or"; a wish ("could be softer") turns what is good. A name without
 * any opinion is a mention of polarity 0 that is not `sure`: a model of sentiment may decide it.
 *
 * Words match whole, whatever their case; curly apostrophes, "sooo" and some fifty misspellings are
 * understood. One aspect and polarity is one mention a clause. Results depend on each text
 * alone: neither neighbours nor threads change them.
 *
 * Source: Hu and Liu, "Mining and summarizing customer reviews" (2004); Taboada et al.,
 * "Lexicon-based methods for sentiment analysis" (2011). */
#ifndef MODELS_LANGUAGE_ASPECTS_H
#define MODELS_LANGUAGE_ASPECTS_H

#include "base/pool.h"
#include "base/text.h"

typedef enum aspect {
    ASPECT_FIT,
    ASPECT_SIZE,
    ASPECT_LENGTH,
    ASPECT_FABRIC,
    ASPECT_COLOUR,
    ASPECT_QUALITY,
    ASPECT_PRICE,
    ASPECT_COMFORT,
    ASPECT_STYLE,
    ASPECT_SHEERNESS,
    ASPECT_CARE,
    ASPECT_DELIVERY,
    ASPECTS
} aspect;

extern const char *const aspects_names[ASPECTS];  /* "fit", … for files */
extern const char *const aspects_titles[ASPECTS]; /* "Fit", … for people */

/* Which way a mention of size or length points; ASPECTS_NO_WAY for all others. */
typedef enum aspects_way {
    ASPECTS_NO_WAY,
    ASPECTS_SMALL, /* smaller than its label says; of a length: shorter */
    ASPECTS_TRUE,
    ASPECTS_LARGE, /* larger than its label says; of a length: longer */
    ASPECTS_WAYS
} aspects_way;

extern const char *const aspects_ways[ASPECTS_WAYS]; /* "", "small", "true", "large" */

typedef struct aspects_mention {
    int32_t text;
    int32_t from, to; /* the clause: bytes of the text */
    uint8_t aspect, way;
    int8_t polarity; /* -1, 0, 1 */
    bool sure;       /* false: a name without an opinion */
} aspects_mention;

typedef struct aspects_found {
    int64_t n, clauses;
    aspects_mention *at; /* [n] by text, then by place */
} aspects_found;

enum { ASPECTS_TEXT_LIMIT = 1 << 16 }; /* bytes of one text that are read; the rest is ignored */

typedef struct aspects_lexicon aspects_lexicon;

/* The built-in lexicon, in keep. */
const aspects_lexicon *aspects_open(arena *keep);

/* All mentions of n texts, in keep. A text whose p is NULL has none. */
aspects_found aspects_read(const aspects_lexicon *l, const slice *texts, int64_t n, pool *threads,
                           arena *keep, arena scratch);

/* Bytes that aspects_read may take of keep (and of scratch) for texts of so many bytes in all. */
size_t aspects_memory(int64_t n, size_t bytes);

/* The number of an aspect by its name, or -1. */
int aspects_find(slice name);

/* For mentions that are not sure: polarity by the probability that the clause is positive:
 * above `high` 1, below `low` -1, else as it was. */
int8_t aspects_decide(const aspects_mention *m, double positive, double low, double high);

#endif
