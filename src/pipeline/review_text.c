/* review_text: reviews as people read them: HTML away, their language told, the unread counted. */
#include "pipeline/review_text.h"

#include <string.h>

#include "models/language/plain.h"

enum { CHUNK = 512, LANGUAGES = 64 };

static bool may_hold_html(slice one) {
    return one.n > 0 && (memchr(one.p, '<', one.n) || memchr(one.p, '&', one.n));
}

slice review_text_plain(slice from, arena *keep) {
    if (!may_hold_html(from)) return from;
    char *to = take_raw(keep, char, from.n);
    return slice_trim((slice){to, plain_text(from, to)});
}

/* ASCII letters and digits, and what is neither ASCII nor a known sign: U+00AA to U+1FFF and CJK
 * are taken for letters, the blocks of signs and emoji (U+2000 … U+2BFF, U+1F000 …) are not. */
static bool has_letter(slice one) {
    for (size_t i = 0; i < one.n; i++) {
        unsigned char c = (unsigned char)one.p[i];
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')) return true;
        if (c < 0xc3) continue; /* signs, the rest of a character, U+0080 … U+00BF */
        unsigned char next = i + 1 < one.n ? (unsigned char)one.p[i + 1] : 0;
        bool variation = c == 0xef && next == 0xb8; /* U+FE0F after emoji */
        if (c < 0xe2 || (c == 0xe2 && next >= 0xb0) || (c > 0xe3 && c < 0xf0 && !variation) ||
            (c == 0xe3 && next >= 0x81))
            return true;
    }
    return false;
}

typedef struct telling {
    const slice *texts;
    review_text *t;
} telling;

/* t->plain[i].p holds room for the plain text where there may be HTML. */
static void tell(void *what, int64_t chunk, arena scratch) {
    telling *one = what;
    review_text *t = one->t;
    int64_t end = (chunk + 1) * CHUNK < t->n ? (chunk + 1) * CHUNK : t->n;
    (void)scratch;
    for (int64_t i = chunk * CHUNK; i < end; i++) {
        slice from = one->texts[i], *plain = &t->plain[i];
        if (plain->p) plain->n = plain_text(from, (char *)(uintptr_t)plain->p);
        else *plain = from;
        slice words = *plain = slice_trim(*plain);
        t->unread[i] = words.n == 0 ? REVIEW_EMPTY : has_letter(words) ? REVIEW_READ : REVIEW_SIGNS;
        if (t->unread[i] == REVIEW_READ) tongue_of(words, &t->language[i]);
    }
}

/* Texts of each language -> t->languages, t->in_language, in order of first appearance. */
static void count_languages(review_text *t) {
    for (int64_t i = 0; i < t->n; i++) {
        int at = 0;
        if (!t->language[i]) continue;
        while (at < t->n_languages && t->languages[at] != t->language[i]) at++;
        if (at == LANGUAGES) continue;
        if (at == t->n_languages) t->languages[t->n_languages++] = t->language[i];
        t->in_language[at]++;
    }
}

static void sort_languages(review_text *t) {
    for (int i = 1; i < t->n_languages; i++)
        for (int k = i; k > 0; k--) {
            const char *a = t->languages[k - 1], *b = t->languages[k];
            int64_t na = t->in_language[k - 1], nb = t->in_language[k];
            if (na > nb || (na == nb && strcmp(a, b) < 0)) break;
            t->languages[k - 1] = b, t->languages[k] = a;
            t->in_language[k - 1] = nb, t->in_language[k] = na;
        }
}

/* The shop's language leaves the list; what is left is foreign. */
static void choose_main(review_text *t) {
    int64_t told = 0;
    int kept = 0;
    for (int i = 0; i < t->n_languages; i++) told += t->in_language[i];
    bool clear = t->n_languages > 0 && t->in_language[0] * 2 > told;
    t->main = clear ? t->languages[0] : tongue_names[TONGUE_EN];
    for (int i = 0; i < t->n_languages; i++) {
        if (t->languages[i] == t->main) continue;
        t->languages[kept] = t->languages[i];
        t->in_language[kept++] = t->in_language[i];
    }
    t->n_languages = kept;
}

void review_text_read(const slice *texts, int64_t n, pool *threads, scope *s, review_text *out) {
    *out = (review_text){.n = n};
    out->plain = take(&s->keep, slice, n);
    out->language = take(&s->keep, const char *, n);
    out->unread = take(&s->keep, uint8_t, n);
    for (int64_t i = 0; i < n; i++)
        if (may_hold_html(texts[i])) out->plain[i].p = take_raw(&s->keep, char, texts[i].n);
    telling all = {texts, out};
    pool_for(threads, (n + CHUNK - 1) / CHUNK, tell, &all);
    count_languages(out);
    sort_languages(out);
    choose_main(out);
    for (int64_t i = 0; i < n; i++) {
        if (out->language[i] && out->language[i] != out->main) out->unread[i] = REVIEW_FOREIGN;
        out->count[out->unread[i]]++;
    }
}
