/* funnel_spec: what a funnel means: its parameters with the names of its events, in words and as a
 * key.
 *
 * The same spec always has the same canonical text, and so the same hash: the key under which its
 * numbers may be kept and compared. */
#ifndef PIPELINE_FUNNEL_SPEC_H
#define PIPELINE_FUNNEL_SPEC_H

#include "base/hash.h"
#include "base/json.h"
#include "models/behaviour/funnel.h"

typedef struct funnel_spec {
    const char *unit; /* "visitor", "session", "user_article": for the words alone */
    const char *step[FUNNEL_STEPS];
    const char *exclude[FUNNEL_EXCLUDES]; /* names of p.exclude */
    bool attempts;                        /* counted are attempts of a unit (funnel_attempts) */
    funnel_params p;
} funnel_spec;

extern const char *const funnel_order_words[3]; /* loose, strict, any */

/* "7d", "36h", "30m", "90s" into microseconds; "none" is 0: no limit. */
bool funnel_spec_window(const char *said, int64_t *microseconds, err *e);

/* One sentence for people; canonical JSON; SHA-256 of the canonical text. */
char *funnel_spec_sentence(const funnel_spec *s, arena *keep);
char *funnel_spec_canonical(const funnel_spec *s, arena *keep);
hash_text funnel_spec_hash(const funnel_spec *s, arena scratch);

#endif
