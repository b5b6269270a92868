/* aspects_lexicon: the rows of the lexicon as a table of words and the phrases they begin. */
#include <assert.h>
#include <string.h>

#include "models/language/aspects_parts.h"

enum { WORDS = 8192, ENTRIES = 8192, SEQUENCE = 32768, SLOTS = 1 << 15, WORD_BYTES = 24 };

static const aspects_row *const all_rows[] = {aspects_rows_cues, aspects_rows_turns,
                                              aspects_rows_names};

/* Words that may stand inside a phrase without being named: "a size up" in "a whole size up". */
static const char fillers[] =
    "a an the one two three half full whole my your his her me him us it them this these very "
    "really so quite rather extremely super incredibly absolutely totally truly definitely "
    "actually just pretty surprisingly fairly somewhat slightly bit little tad touch also even "
    "still all both more most much such way far extra simply only at least little least";

static int32_t find(const aspects_lexicon *l, slice w) {
    for (uint64_t s = slice_hash(w) & (SLOTS - 1);; s = (s + 1) & (SLOTS - 1)) {
        if (!l->slot[s]) return ASPECTS_UNKNOWN;
        if (slice_compare(l->word[l->slot[s] - 1], w) == 0) return l->slot[s] - 1;
    }
}

static int32_t add_word(aspects_lexicon *l, slice w) {
    if (w.n == 1 && w.p[0] == '*') return ASPECTS_ANY;
    int32_t known = find(l, w);
    if (known >= 0) return known;
    assert(l->n_words < WORDS && w.n < WORD_BYTES);
    uint64_t s = slice_hash(w) & (SLOTS - 1);
    while (l->slot[s]) s = (s + 1) & (SLOTS - 1);
    l->word[l->n_words] = w;
    l->meant[l->n_words] = l->n_words;
    l->entry[l->n_words] = -1;
    l->slot[s] = ++l->n_words;
    return l->n_words - 1;
}

/* The next piece of a text up to one of the two marks; false at the end. */
static bool next_piece(const char **at, char mark, char other, slice *piece) {
    const char *p = *at;
    while (*p == ' ' || (*p && *p == mark)) p++;
    if (!*p) return false;
    *piece = (slice){p, 0};
    while (p[piece->n] && p[piece->n] != mark && p[piece->n] != other) piece->n++;
    *at = p + piece->n;
    return true;
}

/* Entries with one first word are kept longest first, equals in the order of their rows. */
static void add_entry(aspects_lexicon *l, int32_t number) {
    aspects_entry *e = &l->entries[number];
    int32_t *link = &l->entry[l->sequence[e->first]];
    while (*link >= 0 && l->entries[*link].words >= e->words) link = &l->entries[*link].next;
    e->next = *link;
    *link = number;
}

static void add_phrase(aspects_lexicon *l, const aspects_row *row, slice phrase, int32_t *used) {
    char copy[128];
    assert(phrase.n < sizeof copy && l->n_entries < ENTRIES);
    memcpy(copy, phrase.p, phrase.n);
    copy[phrase.n] = '\0';
    aspects_entry *e = &l->entries[l->n_entries];
    *e = (aspects_entry){.row = row, .first = *used};
    const char *at = copy;
    for (slice w; next_piece(&at, ' ', '-', &w); at += *at == '-') {
        const char *mine = phrase.p + (w.p - copy);
        assert(*used < SEQUENCE);
        l->sequence[(*used)++] = add_word(l, (slice){mine, w.n});
        e->words++;
    }
    add_entry(l, l->n_entries++);
}

static void add_row(aspects_lexicon *l, const aspects_row *row, int32_t *used) {
    const char *at = row->words;
    int32_t meant = -1;
    for (slice phrase; next_piece(&at, '|', '|', &phrase);) {
        if (row->kind != KIND_ALIAS) {
            add_phrase(l, row, phrase, used);
            continue;
        }
        int32_t w = add_word(l, phrase);
        if (meant < 0) meant = w;
        l->meant[w] = meant;
    }
}

const aspects_lexicon *aspects_open(arena *keep) {
    int32_t used = 0;
    aspects_lexicon *l = take(keep, aspects_lexicon, 1);
    l->slots = SLOTS;
    l->slot = take(keep, int32_t, SLOTS);
    l->word = take(keep, slice, WORDS);
    l->meant = take(keep, int32_t, WORDS);
    l->entry = take(keep, int32_t, WORDS);
    l->filler = take(keep, bool, WORDS);
    l->entries = take(keep, aspects_entry, ENTRIES);
    l->sequence = take(keep, int32_t, SEQUENCE);
    for (size_t i = 0; i < sizeof all_rows / sizeof all_rows[0]; i++)
        for (const aspects_row *row = all_rows[i]; row->words; row++) add_row(l, row, &used);
    const char *at = fillers;
    for (slice w; next_piece(&at, ' ', ' ', &w);) l->filler[add_word(l, w)] = true;
    return l;
}

/* "sooooo": runs of three or more equal letters become runs of `to`. */
static slice squeezed(slice w, size_t to, char *buffer) {
    size_t n = 0;
    for (size_t i = 0, j; i < w.n; i = j) {
        for (j = i; j < w.n && w.p[j] == w.p[i];) j++;
        size_t run = j - i >= 3 ? to : j - i;
        while (run-- > 0) buffer[n++] = w.p[i];
    }
    return (slice){buffer, n};
}

int32_t aspects_word(const aspects_lexicon *l, slice word) {
    char buffer[64];
    if (word.n == 0 || word.n > sizeof buffer) return ASPECTS_UNKNOWN;
    int32_t w = find(l, word);
    if (w < 0 && word.n > 2 && word.p[word.n - 2] == '\'' && word.p[word.n - 1] == 's')
        w = find(l, (slice){word.p, word.n - 2});
    if (w < 0) w = find(l, squeezed(word, 2, buffer));
    if (w < 0) w = find(l, squeezed(word, 1, buffer));
    return w < 0 ? ASPECTS_UNKNOWN : l->meant[w];
}
