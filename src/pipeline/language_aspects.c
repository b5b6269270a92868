/* language_aspects: which reviews the lexicon reads; a head's word where the rules have none. */
#include "pipeline/language_aspects.h"

#include <assert.h>
#include <string.h>

/* Probabilities of being positive beyond which a head's word is taken for a clause. */
static const double SURE_BAD = 0.2, SURE_GOOD = 0.8;

aspects_texts language_aspects_texts(const review_text *t, arena *keep) {
    aspects_texts out = {.n = t->n, .plain = take(keep, slice, t->n)};
    for (int64_t i = 0; i < t->n; i++) {
        bool foreign = t->language[i] && strcmp(t->language[i], "English") != 0;
        bool empty = t->unread[i] == REVIEW_EMPTY || t->unread[i] == REVIEW_SIGNS;
        out.other_language += foreign && !empty;
        out.empty += empty;
        if (!foreign && !empty) out.plain[i] = t->plain[i];
    }
    return out;
}

aspects_open_clauses language_aspects_unsure(const aspects_found *found, const aspects_texts *t,
                                             arena *keep) {
    aspects_open_clauses open = {.clause = take(keep, slice, found->n),
                                 .mention = take(keep, int64_t, found->n)};
    for (int64_t k = 0; k < found->n; k++) {
        const aspects_mention *m = &found->at[k];
        if (m->sure) continue;
        open.clause[open.n] = (slice){t->plain[m->text].p + m->from, (size_t)(m->to - m->from)};
        open.mention[open.n++] = k;
    }
    return open;
}

void language_aspects_decide(aspects_found *found, const aspects_open_clauses *open,
                             const sentiment_model *head, const float *vectors, pool *threads,
                             scope *s) {
    assert(head->line.classes == 2);
    if (open->n == 0) return;
    double *q = sentiment_score(head, open->clause, vectors, open->n, threads, &s->keep,
                                s->scratch);
    for (int64_t i = 0; i < open->n; i++) {
        aspects_mention *m = &found->at[open->mention[i]];
        m->polarity = aspects_decide(m, q[2 * i + 1], SURE_BAD, SURE_GOOD);
    }
}

const char *language_aspects_way(const aspects_mention *m) {
    static const char *const lengths[ASPECTS_WAYS] = {"", "short", "", "long"};
    if (m->aspect == ASPECT_SIZE) return aspects_ways[m->way];
    return m->aspect == ASPECT_LENGTH ? lengths[m->way] : "";
}
