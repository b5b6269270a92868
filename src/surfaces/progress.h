/* progress: what a long run shows on stderr: a living line on a terminal, plain ones elsewhere. */
#ifndef SURFACES_PROGRESS_H
#define SURFACES_PROGRESS_H

#include <stdbool.h>

#include "pipeline/work.h"

typedef struct progress_view {
    bool terminal, colour;
    double start, shown; /* seconds; when this label began and was last drawn */
    char label[128];
    bool line_open;
} progress_view;

/* A terminal gets a line that is redrawn with an ETA once a label lasts over two seconds; NO_COLOR,
 * TERM=dumb and CI are honoured. */
progress progress_open(progress_view *v);
void progress_line(progress_view *v, const char *line); /* one line that stays */
void progress_close(progress_view *v);                  /* clears the living line */

#endif
