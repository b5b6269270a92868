/* aspects: any bytes as a text: clauses inside it, the same mentions among other texts. */
#include <stdlib.h>
#include <string.h>

#include "models/language/aspects.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

/* Clauses lie in the text; numbers are of their kinds; only sizes and lengths have directions. */
static void judge(const aspects_found *f, size_t n) {
    for (int64_t k = 0; k < f->n; k++) {
        const aspects_mention *m = &f->at[k];
        if (m->from < 0 || m->from >= m->to || (size_t)m->to > n) abort();
        if (m->aspect >= ASPECTS || m->way >= ASPECTS_WAYS) abort();
        if (m->polarity < -1 || m->polarity > 1 || (!m->sure && m->polarity != 0)) abort();
        if (m->way && m->aspect != ASPECT_SIZE && m->aspect != ASPECT_LENGTH) abort();
    }
}

/* The lexicon, opened once a process: it takes longer than to read a text. */
static const aspects_lexicon *lexicon(void) {
    static scope kept;
    static const aspects_lexicon *l;
    err e = {0};
    if (!l && scope_open(&kept, (size_t)2 << 20, 0, &e)) l = aspects_open(&kept.keep);
    if (!l) abort();
    return l;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    scope s;
    err e = {0};
    const aspects_lexicon *l = lexicon();
    if (n > 8192 || !scope_open(&s, (size_t)2 << 20, (size_t)1 << 20, &e)) return 0;
    char *copy = malloc(n + 1);
    pool *one = pool_open(1, 1 << 16, &e);
    if (!copy || !one) abort();
    memcpy(copy, bytes, n);
    const slice texts[3] = {{copy, n}, SLICE("The fabric is soft."), {copy, n}};
    aspects_found alone = aspects_read(l, texts, 1, one, &s.keep, s.scratch);
    aspects_found all = aspects_read(l, texts, 3, one, &s.keep, s.scratch);
    judge(&alone, n);
    if (all.n != 2 * alone.n + 1 || all.clauses != 2 * alone.clauses + 1) abort();
    if (alone.n > 0 && memcmp(all.at, alone.at, (size_t)alone.n * sizeof *alone.at) != 0) abort();
    for (int64_t k = 0; k < alone.n; k++)
        if (all.at[alone.n + 1 + k].from != alone.at[k].from ||
            all.at[alone.n + 1 + k].aspect != alone.at[k].aspect)
            abort();
    pool_close(one);
    free(copy);
    scope_close(&s);
    return 0;
}
