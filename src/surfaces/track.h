/* track: a kept run (run_record.h) becomes a run of an MLflow server, over its REST interface 2.0.
 *
 * Sent are: the experiment (made when it is not there), a run with tags, parameters and metrics of
 * every model of every family, the seconds of each step, the files of datasets A to F as inputs
 * with digests, and the record's reports and cards as artifacts. The run is marked FINISHED last.
 *
 * A record is on a server once or not at all: its run carries the tag atelier.record, the SHA-256
 * of run.json. When a finished run has it, nothing is sent; one that was begun and not finished is
 * deleted and sent anew. So a call that failed is simply repeated.
 *
 * The server's limits are kept before sending: 1,000 metrics or 100 parameters a request, names of
 * 250 letters from [A-Za-z0-9_./ -] (others become _), values of 6,000; what is longer and what is
 * not finite is left out and counted. Source: MLflow's service.proto and REST documentation. */
#ifndef SURFACES_TRACK_H
#define SURFACES_TRACK_H

#include "surfaces/rest.h"

typedef struct track_server {
    const char *url, *experiment;
    rest_login login;
    double seconds; /* for all calls together */
} track_server;

/* The address said, or that of MLFLOW_TRACKING_URI (NULL when neither), with the credentials of
 * MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN. */
track_server track_server_said(const char *url, const char *experiment, double seconds);

typedef struct track_sent {
    const char *run; /* its id there */
    bool already;    /* it was there */
    int64_t calls, metrics, parameters, datasets, files, left_out;
} track_sent;

bool track_record(const track_server *to, const char *record, scope *s, track_sent *out, err *e);

#endif
