/* session_kinds: the kinds of sessions (trajectories.h) in words and into JSON.
 *
 * A kind is named by the one or two events whose share in its sessions is most above that in all
 * sessions; the first says what people are at: search, browse (lists, home), look or compare (at
 * articles: fewer than four events, or more), collect (cart, wishlist) or pay. */
#ifndef PIPELINE_SESSION_KINDS_H
#define PIPELINE_SESSION_KINDS_H

#include "base/json.h"
#include "models/behaviour/trajectories.h"

#define SESSION_KINDS_MOST 8 /* unless somebody says otherwise */

/* What the sessions of kind k are, in words: "compare: view, search". */
char *session_kinds_word(const trajectories *m, int k, const char *const *names, scope *s);

/* Member kinds: goal, sessions, scores[] and list[] with word, sessions, share, converted,
 * conversion, events and seconds (medians), most[] (event, share, times all) and moves[] (the
 * likeliest). */
void session_kinds_put(js *j, const trajectories *m, int goal, const char *const *names, scope *s);

#endif
