/* tune_records: one line of a journal and what it changes. Of tune_journal alone. */
#ifndef PIPELINE_TUNE_RECORDS_H
#define PIPELINE_TUNE_RECORDS_H

#include "pipeline/tune_journal.h"

enum {
    OP_CREATE_STUDY,
    OP_DELETE_STUDY,
    OP_STUDY_USER_ATTR,
    OP_STUDY_SYSTEM_ATTR,
    OP_CREATE_TRIAL,
    OP_SET_PARAM,
    OP_SET_STATE,
    OP_REPORT,
    OP_TRIAL_USER_ATTR,
    OP_TRIAL_SYSTEM_ATTR
};

/* Line j->lines of the file, without its end. s is for this line only. */
bool records_apply(journal *j, slice line, scope *s, err *e);

/* {"name": "FloatDistribution", "attributes": {…}} of a parameter, in s. */
const char *records_distribution(const space_param *p, scope *s);

/* Sets j->worker: a name of this host, process and time. */
void records_worker(journal *j, int64_t micros);

#endif
