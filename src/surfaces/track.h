/* track: kept runs (run_record.h) become runs of an MLflow server, and spools reach their end.
 *
 * A record is on a server once or not at all: its run carries the tag atelier.record, the SHA-256
 * of run.json, set last but its end. A finished run that has it is left; one that was begun and not
 * finished, whose spool is gone, is deleted and sent anew. What is sent is said in facts.h; the
 * requests stand in a spool (OUT/.track/ID.jsonl) until all are done, so that a call which failed
 * is simply repeated. */
#ifndef SURFACES_TRACK_H
#define SURFACES_TRACK_H

#include "surfaces/facts.h"
#include "surfaces/rest.h"

typedef struct track_server {
    const char *url, *experiment;
    rest_login login;
    double seconds; /* a call may take */
} track_server;

/* The address said, or that of MLFLOW_TRACKING_URI (NULL when neither), with the credentials of
 * MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN. */
track_server track_server_said(const char *url, const char *experiment, double seconds);

typedef struct track_sent {
    const char *run; /* its id there */
    bool already;    /* it was there */
    int64_t calls, metrics, parameters, datasets, files, left_out;
} track_sent;

/* OUT/runs/ID; patience: seconds without an answer until it is given up. */
bool track_record(const track_server *to, const char *record, double patience, scope *s,
                  track_sent *out, err *e);

typedef struct track_synced {
    const char *run; /* its id there; NULL = it was never made */
    int64_t waited, sent, refused, calls, points;
} track_synced;

/* What is left of a spool is sent, to `to` or to the address in it (to->url NULL). A run that was
 * cut off without an end becomes KILLED. */
bool track_sync(const track_server *to, const char *spool, double patience, scope *s,
                track_synced *out, err *e);

/* The spools of OUT from which something is left to be sent, sorted: paths; only those of this
 * address when it is not NULL. */
int64_t track_spools(const char *out, const char *url, scope *s, char ***paths);

#endif
