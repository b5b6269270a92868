/* eda_page: eda.html of step 05, from the small tables that the step made. */
#ifndef PIPELINE_EDA_PAGE_H
#define PIPELINE_EDA_PAGE_H

#include "pipeline/work.h"

/* The whole page; it lives as long as s. */
bool eda_page(const work *w, scope *s, slice *html, err *e);

#endif
