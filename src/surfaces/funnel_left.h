/* funnel_left: what separates who went on at each step of a funnel from who left, as told. */
#ifndef SURFACES_FUNNEL_LEFT_H
#define SURFACES_FUNNEL_LEFT_H

#include "pipeline/funnel_why.h"
#include "surfaces/verbs.h"

/* Member why of out (funnel_why_put) and table differences, a row a step and feature tested, from
 * the verb's table log: its columns unit, time, name, event, price, channel, platform, category,
 * hour, day and, where by is not NULL, grouped. Without json the differences also on stderr. */
bool funnel_left_put(js *out, const funnel_spec *spec, bench *b, const char *by, bool json,
                     scope *s, err *e);

#endif
