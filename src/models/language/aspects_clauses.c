/* aspects_clauses: a text cut into sentences, clauses and parts, its words looked up. */
#include <assert.h>
#include <string.h>

#include "models/language/aspects_parts.h"

/* ---- tokens ---- */

typedef enum mark { MARK_SPACE, MARK_LETTER, MARK_HYPHEN, MARK_COMMA, MARK_BREAK, MARK_END } mark;

/* The mark at byte i of a text and how many bytes it has. Letters beyond ASCII are those of two
 * bytes (Latin, Greek, Cyrillic …); signs and emoji part words. */
static mark mark_at(slice t, size_t i, size_t *bytes) {
    unsigned char c = (unsigned char)t.p[i];
    *bytes = 1;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '&')
        return MARK_LETTER;
    if (c < 0x80) {
        switch (c) {
        case '.': case '!': case '?': case '\n': return MARK_END;
        case ',': case '/': return MARK_COMMA;
        case ';': case ':': case '(': case ')': case '[': case ']': return MARK_BREAK;
        case '-': return MARK_HYPHEN;
        default: return MARK_SPACE;
        }
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    *bytes = i + n <= t.n ? n : t.n - i;
    if (n == 2) return c == 0xC2 ? MARK_SPACE : MARK_LETTER;
    if (*bytes == 3 && c == 0xE2 && (unsigned char)t.p[i + 1] == 0x80) {
        unsigned char d = (unsigned char)t.p[i + 2];
        if (d == 0x93 || d == 0x94) return MARK_BREAK; /* dashes */
        if (d == 0xA6) return MARK_END;                /* ellipsis */
    }
    return MARK_SPACE;
}

/* Bytes of an apostrophe at i, straight or curly; 0 when there is none. */
static size_t apostrophe(slice t, size_t i) {
    if (t.p[i] == '\'') return 1;
    return i + 3 <= t.n && (memcmp(t.p + i, "\xE2\x80\x99", 3) == 0 ||
                            memcmp(t.p + i, "\xE2\x80\x98", 3) == 0)
               ? 3
               : 0;
}

static bool is_digit(slice t, size_t i) { return i < t.n && t.p[i] >= '0' && t.p[i] <= '9'; }

/* Bytes that go on a word at i: a letter, an inner apostrophe, a point between digits. */
static size_t goes_on(slice t, size_t i) {
    size_t bytes, quote;
    if (i >= t.n) return 0;
    if (mark_at(t, i, &bytes) == MARK_LETTER && t.p[i] != '&') return bytes;
    quote = apostrophe(t, i);
    if (quote && i + quote < t.n && mark_at(t, i + quote, &bytes) == MARK_LETTER) return quote;
    bool inner = t.p[i] == '.' || t.p[i] == '/' || t.p[i] == ',';
    return inner && i > 0 && is_digit(t, i - 1) && is_digit(t, i + 1) ? 1 : 0;
}

static bool is_small(slice word) {
    static const char *const words[] = {
        "in",   "on",  "for",  "me",   "at",   "around", "through", "across", "her",  "him",
        "so",   "i",   "to",   "that", "as",   "it",     "there",   "here",   "my",   "under",
        "over", "by",  "from", "with", "even", "everywhere", "this", "compared", NULL};
    for (int i = 0; words[i]; i++)
        if (slice_is(word, words[i])) return true;
    return false;
}

/* A size that is written as a number up to 60 (halves too) or as XS, S, M …; 0 = none. */
static int16_t size_of(slice word) {
    static const char *const letters[] = {"xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"};
    double number;
    for (int i = 0; i < 8; i++)
        if (slice_is(word, letters[i])) return (int16_t)(1000 + i);
    if (word.n == 0 || word.n > 4 || !slice_double(word, &number)) return 0;
    return number > 0 && number <= 60 ? (int16_t)(2 * number) : 0;
}

static void read_word(const aspects_lexicon *l, slice t, size_t *at, aspects_token *to) {
    char word[64];
    size_t n = 0, i = *at, step;
    to->from = (int32_t)i;
    if (t.p[i] == '&') {
        to->word = aspects_word(l, SLICE("and"));
        to->to = (int32_t)++i;
        *at = i;
        return;
    }
    for (; (step = goes_on(t, i)) > 0; i += step) {
        if (n + step > sizeof word) continue;
        if (apostrophe(t, i)) {
            word[n++] = '\'';
            continue;
        }
        for (size_t k = 0; k < step; k++) {
            char c = t.p[i + k];
            word[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
    }
    to->to = (int32_t)i;
    to->word = aspects_word(l, (slice){word, n});
    to->small = is_small((slice){word, n});
    to->size = size_of((slice){word, n});
    to->more = slice_is((slice){word, n}, "more");
    to->negative = n > 3 && memcmp(word + n - 3, "n't", 3) == 0;
    *at = i;
}

/* ---- phrases ---- */

/* The token after the phrase when entry e stands at token i, or 0. */
static int matches(const aspects_lexicon *l, const aspects_entry *e, const aspects_sentence *s,
                   int i) {
    int at = i + 1;
    for (int32_t w = 1; w < e->words; w++) {
        int32_t wanted = l->sequence[e->first + w];
        for (int skipped = 0;; skipped++, at++) {
            if (at >= s->n_tokens || s->token[at].join != JOIN_NONE) return 0;
            if (wanted == ASPECTS_ANY || s->token[at].word == wanted) break;
            if (skipped == 3 || s->token[at].word < 0 || !l->filler[s->token[at].word]) return 0;
        }
        at++;
    }
    return at;
}

static bool is_word(slice from, const aspects_token *t, const char *const *words) {
    slice w = {from.p + t->from, (size_t)(t->to - t->from)};
    for (; *words; words++)
        if (slice_is_nocase(w, *words)) return true;
    return false;
}

/* "the shoulders fit", but "the shoulder fit is odd": a thing stands right before token i, no form
 * of "to be" right after it. */
static bool follows_thing(const aspects_sentence *s, int i) {
    const aspects_tag *last = s->n_tags > 0 ? &s->tag[s->n_tags - 1] : NULL;
    bool thing = last && (last->kind == KIND_PART || last->kind == KIND_GARMENT);
    return thing && last->last == i - 1 && s->token[i].join == JOIN_NONE;
}

static bool before_be(slice from, const aspects_sentence *s, int i) {
    static const char *const words[] = {"is", "was", "isn't", "wasn't", "seems", "feels", "looks",
                                        NULL};
    return i + 1 < s->n_tokens && is_word(from, &s->token[i + 1], words);
}

/* Words whose kind hangs on the word before: "I like" and "like a", "to fit" and "the fit". */
static aspects_kind kind_by_place(slice from, const aspects_sentence *s, int i,
                                  aspects_kind kind) {
    static const char *const likers[] = {"I",    "we",   "really", "also", "don't", "didn't",
                                         "she",  "he",   "they",   "do",   "you",   "doesn't",
                                         "dont", "both", "not",    "just", NULL};
    static const char *const helpers[] = {"to",  "did",   "will",  "would",  "should", "not",
                                          "can", "could", "might", "didn't", "dont",   "don't",
                                          "doesn't", "won't", "didnt", "doesnt", "wouldn't",
                                          "couldn't", "does", "do", "never", NULL};
    const aspects_token *before = i > 0 ? &s->token[i - 1] : NULL;
    if (kind == KIND_LIKE) return before && is_word(from, before, likers) ? kind : KIND_NOTHING;
    if (kind == KIND_FIT && before && is_word(from, before, helpers)) return KIND_FITS;
    if (kind == KIND_FIT && follows_thing(s, i) && !before_be(from, s, i)) return KIND_FITS;
    return kind;
}

static void add_tag(aspects_sentence *s, const aspects_row *row, aspects_kind kind, int first,
                    int after) {
    aspects_tag *t = &s->tag[s->n_tags];
    *t = (aspects_tag){.row = row, .kind = kind, .first = first, .last = after - 1};
    for (int k = first; k < after; k++) s->tag_of[k] = (int16_t)s->n_tags;
    s->n_tags++;
}

static void find_tags(const aspects_lexicon *l, slice from, aspects_sentence *s) {
    static const aspects_row not_row = {KIND_NOT, ASPECT_NONE, 0, ASPECTS_NO_WAY, ""};
    s->n_tags = 0;
    for (int i = 0, after; i < s->n_tokens; i = after) {
        const aspects_token *t = &s->token[i];
        s->tag_of[i] = -1;
        after = 0;
        int32_t e = t->word >= 0 ? l->entry[t->word] : -1;
        for (; e >= 0; e = l->entries[e].next)
            if ((after = matches(l, &l->entries[e], s, i)) > 0) break;
        if (e >= 0) {
            const aspects_row *row = l->entries[e].row;
            add_tag(s, row, kind_by_place(from, s, i, row->kind), i, after);
        } else {
            after = i + 1;
            if (t->negative) add_tag(s, &not_row, KIND_NOT, i, after);
        }
    }
}

/* ---- clauses and parts ---- */

static bool says(aspects_kind k) {
    return k == KIND_OPINION || k == KIND_CUE || k == KIND_SCALE || k == KIND_LOOKS;
}

/* "pretty" before an opinion is a degree. */
static void mend_degrees(const aspects_lexicon *l, aspects_sentence *s) {
    int32_t pretty = aspects_word(l, SLICE("pretty"));
    for (int k = 0; k + 1 < s->n_tags; k++) {
        aspects_tag *t = &s->tag[k];
        if (t->first == t->last && s->token[t->first].word == pretty &&
            s->tag[k + 1].first == t->last + 1 && says(s->tag[k + 1].kind))
            t->kind = KIND_DEGREE;
    }
}

static void find_parts(aspects_sentence *s) {
    int part = 0, clause = 0, in_clause = 0;
    s->part_join[0] = KIND_NOTHING;
    for (int i = 0; i < s->n_tokens; i++) {
        int k = s->tag_of[i];
        bool first = k >= 0 && s->tag[k].first == i;
        aspects_kind kind = first ? s->tag[k].kind : KIND_NOTHING;
        bool begins = kind == KIND_AND || kind == KIND_OR || kind == KIND_BECAUSE;
        bool breaks = kind == KIND_BUT || (s->token[i].join == JOIN_BREAK && in_clause > 2);
        bool comma = s->token[i].join == JOIN_COMMA;
        if (i > 0 && (breaks || begins || comma)) {
            part++;
            clause += breaks;
            in_clause = breaks ? 0 : in_clause;
            s->part_join[part] = (uint8_t)(breaks ? KIND_BUT : begins ? kind : KIND_NOTHING);
        }
        s->part_of[i] = (uint8_t)part;
        s->clause_of[i] = (uint8_t)clause;
        in_clause++;
    }
    s->n_clauses = clause + 1;
    s->n_parts = part + 1;
    for (int k = 0; k < s->n_tags; k++) {
        s->tag[k].part = s->part_of[s->tag[k].first];
        s->tag[k].clause = s->clause_of[s->tag[k].first];
    }
}

bool aspects_next(const aspects_lexicon *l, slice from, size_t *at, aspects_sentence *s) {
    s->n_tokens = 0;
    aspects_join join = JOIN_NONE;
    bool ended = false;
    while (*at < from.n && s->n_tokens < ASPECTS_TOKENS && !ended) {
        size_t bytes;
        mark m = mark_at(from, *at, &bytes);
        if (m == MARK_LETTER) {
            aspects_token *t = &s->token[s->n_tokens++];
            *t = (aspects_token){.join = (uint8_t)join};
            read_word(l, from, at, t);
            join = JOIN_NONE;
            continue;
        }
        bool dash = m == MARK_HYPHEN && *at > 0 && *at + 1 < from.n &&
                    (from.p[*at - 1] == ' ' || from.p[*at - 1] == '-');
        if (m == MARK_BREAK || dash) join = JOIN_BREAK;
        if (m == MARK_COMMA && join == JOIN_NONE) join = JOIN_COMMA;
        ended = m == MARK_END && s->n_tokens > 0;
        *at += bytes;
    }
    if (s->n_tokens == 0) return false;
    s->token[0].join = JOIN_NONE;
    find_tags(l, from, s);
    mend_degrees(l, s);
    find_parts(s);
    return true;
}
