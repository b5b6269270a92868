/* weekly_page: weekly.html of step 09: the last seven days and what to do, on one page to send.
 *
 * One self-contained file (no script, no address of elsewhere), at most WEEKLY_MOST bytes by the
 * rows it shows: the week's figures from the tables, the cards of the feed, and the heads of the
 * tiles. A tile that is not in the folder has no section. */
#ifndef PIPELINE_WEEKLY_PAGE_H
#define PIPELINE_WEEKLY_PAGE_H

#include "pipeline/work.h"

enum { WEEKLY_MOST = 300 * 1024 };

/* From the tables and the files that are already in f. */
bool weekly_write(work *w, folder *f, scope *s, err *e);

#endif
