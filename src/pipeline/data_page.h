/* data_page: data.json: what the run took from each file, what it set aside, and how fresh it is.
 *
 * files: the accounts of each over steps 01 and 02 (seen = accepted + quarantined + merged +
 * blank); mapping: their headers; unused: files of no source. quarantine: rows by file, step and
 * rule, with the first. freshness: first and last day of each table that has days, and how many
 * days it ends before the latest of them. checks: the rules of the shop's contracts and how many
 * rows broke each. drift: how far the days from lately_from on lie from those before. profiles:
 * the table profile, without values of ids. */
#ifndef PIPELINE_DATA_PAGE_H
#define PIPELINE_DATA_PAGE_H

#include "pipeline/work.h"

/* Writes data.json into f; needs the tables of steps 01 to 04, profile and drift. */
bool data_page_write(const work *w, folder *f, scope *s, err *e);

#endif
