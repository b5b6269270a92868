/* gate: a bundle whose evaluation is worse than that of the published one is not published. */
#include "pipeline/gate.h"

#include <string.h>

#include "pipeline/family.h"
#include "pipeline/pairs.h"

static bool add_worse(const work *w, const family *one, text *why, err *e) {
    scope s;
    pairs_result r;
    err unread = {0};
    if (!family_scope(&s, e)) return false;
    const char *before = arena_text(&s.keep, "%s/10_serve", w->out);
    const char *after = arena_text(&s.keep, "%s/08_evaluate", w->out);
    bool read = pairs_compare(before, after, one->name, &s, &r, &unread);
    if (!read) work_say(w, "not held to the published bundle: %s", unread.text);
    if (read && !r.why && strcmp(r.verdict, "worse") == 0)
        text_addf(why,
                  "%s%s: %s of %s is worse by %.4g (95 %% interval %+.4g to %+.4g, %lld units)",
                  why->n ? "; " : "", one->name, r.metric, r.model,
                  r.less_is_better ? r.d.mean : -r.d.mean, r.d.low, r.d.high, (long long)r.d.n);
    scope_close(&s);
    return true;
}

bool gate_open(const work *w, err *e) {
    scope s;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    text *why = take(&s.keep, text, 1);
    text_open(why, &s);
    bool done = true;
    for (int i = 0; i < FAMILIES && done; i++) done = add_worse(w, families[i], why, e);
    if (done && why->n && w->publish_anyway)
        work_say(w, "published although the one before was better: %s", why->p);
    if (done && why->n && !w->publish_anyway) {
        done = fail(e, "not published, the bundle before it stays: %s; --publish-anyway publishes "
                       "it all the same", why->p);
        fail_cause(e, "worse");
    }
    scope_close(&s);
    return done;
}
