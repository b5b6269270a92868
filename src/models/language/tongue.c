/* tongue: the language a text is written in: English, another one, or too little to tell. */
#include "models/language/tongue.h"

#include <string.h>

#include "base/utf8.h"
#include "models/language/uncased.h"

enum {
    LONGEST = 48, /* bytes of a word that are looked at */
    LIMIT = 1 << 14,
    WORD_POINTS = 2,
    LEAST_OTHER = 4,
    LEAST_ENGLISH = 2,
    ENOUGH_HITS = 4,
};

/* ---- scripts ---- */

static const struct {
    uint32_t first, last;
    const char *name;
} scripts[] = {{0x370, 0x3FF, "Greek"},
               {0x400, 0x52F, "Cyrillic script"},
               {0x530, 0x58F, "Armenian"},
               {0x590, 0x5FF, "Hebrew"},
               {0x600, 0x77F, "Arabic script"},
               {0x900, 0xDFF, "Indic script"},
               {0xE00, 0xE7F, "Thai"},
               {0x10A0, 0x10FF, "Georgian"},
               {0x1100, 0x11FF, "Korean"},
               {0x1F00, 0x1FFF, "Greek"},
               {0x3040, 0x30FF, "Japanese"},
               {0x3400, 0x4DBF, "Chinese"},
               {0x4E00, 0x9FFF, "Chinese"},
               {0xAC00, 0xD7AF, "Korean"},
               {0xF900, 0xFAFF, "Chinese"},
               {0xFB50, 0xFDFF, "Arabic script"},
               {0xFE70, 0xFEFC, "Arabic script"},
               {0x20000, 0x3FFFF, "Chinese"}};
enum { SCRIPTS = sizeof scripts / sizeof *scripts };

static int script_of(uint32_t c) {
    for (int i = 0; i < SCRIPTS && scripts[i].first <= c; i++)
        if (c <= scripts[i].last) return i;
    return -1;
}

/* Letters of one script in a text. Japanese is written with Chinese letters too. */
static const char *foreign_script(const int64_t count[SCRIPTS]) {
    int best = 0;
    bool kana = false;
    for (int i = 0; i < SCRIPTS; i++) {
        if (count[i] > count[best]) best = i;
        kana |= scripts[i].first == 0x3040 && count[i] > 0;
    }
    bool chinese = strcmp(scripts[best].name, "Chinese") == 0;
    return chinese && kana ? "Japanese" : scripts[best].name;
}

static bool is_latin(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x1E00 && c <= 0x1EFF);
}

/* ---- Latin letters that few languages have (lower case) ---- */

enum { EN, DE, FR, ES, IT, NL, SV, DA, NO, FI, PL, PT, TR, RO, CS };
#define BIT(language) (1u << (language))
static const struct {
    uint16_t code, languages;
} rare[] = {
    {0xDF, BIT(DE)},                      /* sharp s */
    {0xE3, BIT(PT)},                      /* a tilde */
    {0xE4, BIT(DE) | BIT(SV) | BIT(FI)},  /* a diaeresis */
    {0xE5, BIT(SV) | BIT(DA) | BIT(NO)},  /* a ring */
    {0xE6, BIT(DA) | BIT(NO)},            /* ae */
    {0xE7, BIT(FR) | BIT(PT) | BIT(TR)},  /* c cedilla */
    {0xE8, BIT(FR) | BIT(IT)},            /* e grave */
    {0xF1, BIT(ES)},                      /* n tilde */
    {0xF2, BIT(IT)},                      /* o grave */
    {0xF5, BIT(PT)},                      /* o tilde */
    {0xF6, BIT(DE) | BIT(SV) | BIT(FI) | BIT(TR)},
    {0xF8, BIT(DA) | BIT(NO)},            /* o slash */
    {0xFC, BIT(DE) | BIT(TR)},            /* u diaeresis */
    {0x103, BIT(RO)},                     /* a breve */
    {0x105, BIT(PL)},                     /* a ogonek */
    {0x107, BIT(PL)},                     /* c acute */
    {0x10D, BIT(CS)},                     /* c caron */
    {0x119, BIT(PL)},                     /* e ogonek */
    {0x11B, BIT(CS)},                     /* e caron */
    {0x11F, BIT(TR)},                     /* g breve */
    {0x131, BIT(TR)},                     /* dotless i */
    {0x142, BIT(PL)},                     /* l stroke */
    {0x153, BIT(FR)},                     /* oe */
    {0x159, BIT(CS)},                     /* r caron */
    {0x15B, BIT(PL)},                     /* s acute */
    {0x15F, BIT(TR) | BIT(RO)},           /* s cedilla */
    {0x161, BIT(CS)},                     /* s caron */
    {0x163, BIT(RO)},                     /* t cedilla */
    {0x16F, BIT(CS)},                     /* u ring */
    {0x17A, BIT(PL)},                     /* z acute */
    {0x17C, BIT(PL)},                     /* z dot */
    {0x17E, BIT(CS)},                     /* z caron */
    {0x219, BIT(RO)},                     /* s comma */
    {0x21B, BIT(RO)},                     /* t comma */
};

static uint32_t rare_in(uint32_t c) {
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++)
        if (rare[i].code == c) return rare[i].languages;
    return 0;
}

/* ---- points ---- */

typedef struct tally {
    int64_t points[TONGUES], hits[TONGUES]; /* points; words that gave some */
    int64_t own[TONGUES];                   /* listed words and rare letters that English has not */
    int64_t words, latin, foreign, script[SCRIPTS];
} tally;

static void give(tally *t, uint32_t languages, int points) {
    for (int i = 0; i < TONGUES; i++)
        if (languages >> i & 1) t->points[i] += points;
}

static void claim(tally *t, uint32_t languages) {
    for (int i = 0; i < TONGUES && !(languages >> TONGUE_EN & 1); i++)
        t->own[i] += languages >> i & 1;
}

static uint32_t look_up(const tongue_entry *list, int n, slice key) {
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2, order = slice_compare(slice_of(list[middle].word), key);
        if (order == 0) return list[middle].languages;
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return 0;
}

/* edged[0 … n-1] is the word with `_` at both ends. */
static void count_word(tally *t, const char *edged, size_t n) {
    uint32_t known = look_up(tongue_words, tongue_n_words, (slice){edged + 1, n - 2}), some = 0;
    size_t next, length;
    t->words++;
    give(t, known, WORD_POINTS);
    claim(t, known);
    for (size_t i = 0; i < n && !known; i += next) { /* trigrams of characters */
        utf8_next(edged + i, n - i, &next);
        size_t end = i + next;
        for (int c = 1; c < 3 && end < n; c++, end += length)
            utf8_next(edged + end, n - end, &length);
        uint32_t fond = look_up(tongue_trigrams, tongue_n_trigrams, (slice){edged + i, end - i});
        give(t, fond, 1);
        some |= fond;
    }
    for (int i = 0; i < TONGUES; i++) t->hits[i] += (known | some) >> i & 1;
}

/* All words of the text, letters without accents. */
static void read(tally *t, slice from) {
    char word[LONGEST + 8] = "_";
    size_t n = 1, length;
    if (from.n > LIMIT) from.n = LIMIT;
    for (size_t i = 0; i < from.n; i += length) {
        uint32_t c = utf8_next(from.p + i, from.n - i, &length);
        uncased_form form = uncased_of(c);
        int script = c < 0x370 ? -1 : script_of(c);
        if (script >= 0) t->foreign += c >= 0x3040 ? 2 : 1, t->script[script]++; /* a syllable */
        if (form.kind == UNCASED_DROP) continue; /* an accent on its own */
        if (is_latin(c) && form.kind == UNCASED_LETTER) {
            t->latin++;
            if (c >= 0xC0) {
                uint32_t low = c <= 0xDE ? c + 32 : c >= 0x100 && c <= 0x137 ? c | 1 : c;
                give(t, rare_in(low), 1);
                claim(t, rare_in(low));
            }
            for (int k = 0; k < form.n && n < LONGEST; k++) n += utf8_put(form.to[k], word + n);
            continue;
        }
        if (n > 1) word[n++] = '_', count_word(t, word, n);
        n = 1;
    }
    if (n > 1) word[n++] = '_', count_word(t, word, n);
}

tongue tongue_of(slice from, const char **language) {
    tally t = {0};
    const char *ignored;
    if (!language) language = &ignored;
    *language = NULL;
    read(&t, from);
    if (t.foreign > t.latin) return *language = foreign_script(t.script), TONGUE_OTHER;
    int best = 1;
    for (int i = 2; i < TONGUES; i++)
        if (t.points[i] > t.points[best]) best = i;
    int64_t other = t.points[best], english = t.points[TONGUE_EN];
    bool sure = t.own[best] > 0 || t.hits[best] >= ENOUGH_HITS;
    if (sure && other >= LEAST_OTHER && t.hits[best] >= 2 && other >= 2 * english &&
        2 * other >= t.words) {
        *language = tongue_names[best];
        return TONGUE_OTHER;
    }
    if (english < LEAST_ENGLISH || english < other) return TONGUE_UNKNOWN;
    *language = tongue_names[TONGUE_EN];
    return TONGUE_ENGLISH;
}
