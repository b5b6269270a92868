/* events_file: the event log as the server reads it, events.atm, and a funnel of any spec over it.
 *
 * The file (store.h, kind "events") has the log twice, by visitor and by session; for each, with
 * the prefix "visitor." or "session.":
 *
 *     at        I64 [units + 1]  the first event of each unit
 *     time      I64 [events]     microseconds since 1970, never falling within a unit
 *     visitor   I32 [units]      of each session; equal ones side by side (session. alone)
 *     event, category, channel, platform
 *               U8 [events]      places in the texts of that name, the commonest first and at most
 *                                40, the rarer ones together as "(other)"
 *
 * Events without a time or unit are not in it. */
#ifndef PIPELINE_EVENTS_FILE_H
#define PIPELINE_EVENTS_FILE_H

#include "pipeline/bundle.h"
#include "pipeline/funnel_log.h"
#include "pipeline/work.h"

/* Writes events.atm into f; nothing where the shop has no events. */
bool events_file_write(work *w, folder *f, scope *s, err *e);

/* The log of a spec by unit 0 (visitors) or 1 (sessions): all events, as they are mapped, with what
 * each code serves in keep. by: place in bundle_event_words, or -1. Refused with the nearest word
 * when the log has no event of that name. */
bool events_file_log(funnel_log *out, const bundle_events *b, int unit, const funnel_spec *spec,
                     int by, arena *keep, err *e);

#endif
