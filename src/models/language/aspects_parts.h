/* aspects_parts: what the files of aspects share: the lexicon's rows, tokens, tags, a sentence. */
#ifndef MODELS_LANGUAGE_ASPECTS_PARTS_H
#define MODELS_LANGUAGE_ASPECTS_PARTS_H

#include "models/language/aspects.h"

/* What a word or phrase does in a sentence. */
typedef enum aspects_kind {
    KIND_NOTHING, /* means nothing of ours: "in the long run" */
    KIND_NAME,    /* names an aspect: "fabric" */
    KIND_PART,    /* names a part that an opinion may be about: "waist", "zip" */
    KIND_GARMENT, /* dress, boots */
    KIND_SHADE,   /* red, navy */
    KIND_CUE,     /* aspect and polarity in one: "itchy" */
    KIND_SCALE,   /* an aspect whose polarity hangs on its neighbours: "long" */
    KIND_OPINION, /* polarity without an aspect: "great" */
    KIND_LOOKS,   /* an opinion that is about style when nothing else is named: "pretty" */
    KIND_NOT,
    KIND_TOO,
    KIND_DEGREE, /* very, a bit */
    KIND_ENOUGH,
    KIND_THAN,
    KIND_WISH,   /* what follows is not so */
    KIND_WORRY,  /* what follows was feared, and did not come true unless said */
    KIND_BUT,    /* begins a clause; with polarity -1 ("except for") what it names is bad */
    KIND_AND,    /* begins a part */
    KIND_OR,     /* begins a part under the same negation */
    KIND_BECAUSE, /* begins a part; ends a negation */
    KIND_USUAL,  /* my usual size */
    KIND_NEED,   /* needed, had to get: with a size after it */
    KIND_WASH,   /* wash, dryer */
    KIND_LIKE,   /* like: an opinion after I, nothing otherwise */
    KIND_BE,     /* is, are, feels, runs: what follows says something of what stands before */
    KIND_FITS,   /* fits: an opinion of its own */
    KIND_FIT,    /* fit: after to, not, didn't a verb like fits; else a name */
    KIND_ALIAS,  /* a spelling: first the word meant, then the spellings */
} aspects_kind;

enum { ASPECT_NONE = ASPECTS };

typedef struct aspects_row {
    aspects_kind kind;
    int aspect, polarity;
    aspects_way way;
    const char *words; /* phrases parted by '|'; words by one space; * stands for any one word */
} aspects_row;

/* The rows, in two files; ends with .words = NULL. */
extern const aspects_row aspects_rows_names[], aspects_rows_cues[], aspects_rows_turns[];

enum { ASPECTS_ANY = -2, ASPECTS_UNKNOWN = -1 };

typedef struct aspects_entry {
    const aspects_row *row;
    int32_t words, first; /* numbers of its words: lexicon.sequence[first …] */
    int32_t next;         /* the next entry with this first word, longest first; -1 = none */
} aspects_entry;

struct aspects_lexicon {
    int32_t n_words, n_entries, slots;
    slice *word;      /* [n_words] */
    int32_t *meant;   /* [n_words] the word itself, or the one that an alias stands for */
    int32_t *entry;   /* [n_words] the first entry that begins with it, or -1 */
    bool *filler;     /* [n_words] may be passed over inside a phrase */
    int32_t *slot;    /* [slots] word + 1 */
    aspects_entry *entries;
    int32_t *sequence;
};

/* The number of a lower-case word by the lexicon, aliases resolved, or ASPECTS_UNKNOWN. */
int32_t aspects_word(const aspects_lexicon *l, slice word);

/* What stands before a token. */
typedef enum aspects_join { JOIN_NONE, JOIN_COMMA, JOIN_BREAK } aspects_join;

typedef struct aspects_token {
    int32_t from, to, word; /* bytes of the text; number in the lexicon */
    uint8_t join;
    bool negative; /* ends in n't */
    int16_t size; /* a size as a number: twice the number, or a rank of XS, S, M …; 0 = none */
    bool more;    /* the word "more" */
    bool small;   /* in, on, for, me …: no noun that a word before could belong to */
} aspects_token;

typedef struct aspects_tag {
    const aspects_row *row;
    aspects_kind kind;   /* the row's, or what its place makes of it */
    int32_t first, last; /* tokens */
    int32_t part, clause;
    int8_t polarity;    /* by the rules, after negation and the like */
    bool used, opinion; /* an opinion that found its name; a name that an opinion found */
} aspects_tag;

enum { ASPECTS_TOKENS = 160 }; /* of a sentence; a longer one is cut */

typedef struct aspects_sentence {
    int n_tokens, n_tags, n_parts, n_clauses;
    aspects_token token[ASPECTS_TOKENS + 1];
    aspects_tag tag[ASPECTS_TOKENS + 1];
    int16_t tag_of[ASPECTS_TOKENS + 1];               /* token -> tag, or -1 */
    uint8_t part_of[ASPECTS_TOKENS + 1], clause_of[ASPECTS_TOKENS + 1];
    uint8_t part_join[ASPECTS_TOKENS + 1]; /* aspects_kind that begins the part, or NOTHING */
} aspects_sentence;

/* Reads the next sentence of a text from byte *at on; false at the end. */
bool aspects_next(const aspects_lexicon *l, slice text, size_t *at, aspects_sentence *s);

/* Where mentions go; `at` may be NULL: they are counted only. */
typedef struct aspects_sink {
    aspects_mention *at;
    int64_t n, clauses;
    int32_t text;
} aspects_sink;

/* The mentions of one sentence. */
void aspects_judge(aspects_sentence *s, aspects_sink *to);

#endif
