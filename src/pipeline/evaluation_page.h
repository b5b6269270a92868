/* evaluation_page: report.html: the evaluation of every family as one self-contained page. */
#ifndef PIPELINE_EVALUATION_PAGE_H
#define PIPELINE_EVALUATION_PAGE_H

#include "base/json.h"
#include "pipeline/work.h"

/* From the parsed evaluation.json; the page is memory of s. */
slice evaluation_page(const work *w, scope *s, const js_node *evaluation);

#endif
