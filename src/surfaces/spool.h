/* spool: the requests of a tracked run in a file, written before they are sent: the queue is the
 * file, so nothing is lost when a server is away or this program is killed.
 *
 * One JSON document a line. The first says what the file is, then come requests in the order in
 * which they are to be made, and between them what became of those before:
 *
 *     {"spool":"atelier/1","id":"5f…","url":"http://…"}
 *     {"seq":1,"method":"POST","path":"/api/2.0/…/runs/create","handle":"run","body":{…}}
 *     {"seq":2,"method":"PUT","path":"report.html","handle":"run","file":"runs/…","sha256":"…"}
 *     {"done":1,"learned":{"run":"0123…","run/artifacts":"mlflow-artifacts:/…"}}
 *     {"done":2,"refused":"…"}
 *
 * What only the server knows (ids) is learned under the request's handle and stands in later
 * requests as ${ID.HANDLE}, ID being that of the spool, which no text of a user can guess.
 *
 * Adding is for any thread; reading and telling what is done for one. Each line is one write; a
 * last line without its end (of a process that was killed) counts for nothing. A file is locked by
 * who writes or replays it. Credentials are never in it. */
#ifndef SURFACES_SPOOL_H
#define SURFACES_SPOOL_H

#include "base/json.h"

typedef struct spool spool;

/* The folder that holds the spools of a folder of results: OUT/.track. */
char *spool_folder(const char *out, arena *keep);

/* Makes OUT/.track/NAME.jsonl; spools there that are all done are removed. */
spool *spool_create(scope *s, const char *out, const char *name, const char *url, err *e);

/* An existing one, for its rest to be sent: refuses (cause "temporary") one that another process
 * holds, and a file that is no spool. */
spool *spool_open(scope *s, const char *path, err *e);

/* False when the file cannot grow: the disk is full, or it has reached 256 MB. */
bool spool_add(spool *q, const char *method, const char *path, const char *handle, slice body,
               err *e);
/* A file below the folder of results: its bytes are read when it is sent, and must be these. */
bool spool_add_file(spool *q, const char *path, const char *handle, const char *file,
                    const char *sha256, err *e);

/* The next request that is not done, in s; *out is NULL when there is none. */
bool spool_next(spool *q, scope *s, const js_node **out, slice *line, err *e);

/* The request `seq`, which spool_next gave, is done; refused (or NULL) says why it never will be.
 * names and values, n of each, are what was learned. */
bool spool_done(spool *q, int64_t seq, const char *refused, const char *const *names,
                const char *const *values, int n, err *e);

/* Text with its ${ID.HANDLE} replaced, in keep; NULL when one is not known. */
char *spool_resolved(const spool *q, slice with, arena *keep);
const char *spool_value(const spool *q, const char *handle); /* NULL when it is not known */
char *spool_holder(const spool *q, const char *handle, arena *keep); /* "${ID.HANDLE}" */

typedef struct spool_state {
    const char *id, *url, *path, *out;
    int64_t added, done, refused; /* requests */
    bool ended;                   /* the run's last request is in it */
    bool resumed;                 /* opened: its next request may have been made already */
} spool_state;
const spool_state *spool_about(const spool *q);
/* Handles of runs that had begun and not ended when an existing one was opened, latest first. */
int64_t spool_open_runs(const spool *q, arena *keep, const char ***handles);
void spool_ends(spool *q); /* the next request added is the run's last */

#endif
