/* rfm_files: cut points and names of cells, as tables that atelier rfm reads and writes. */
#ifndef SURFACES_RFM_FILES_H
#define SURFACES_RFM_FILES_H

#include "models/segment/rfm_map.h"
#include "surfaces/verbs.h"

/* measure,cut_1,cut_2,cut_3,cut_4 with the rows recency_days, frequency, monetary. */
bool rfm_cuts_read(bench *b, scope *s, const char *path, rfm_cuts *cuts, err *e);
bool rfm_cuts_write(bench *b, scope *s, const char *path, const rfm_cuts *cuts, err *e);

/* cell,name: all 125 cells. */
bool rfm_cells_read(bench *b, scope *s, const char *path, rfm_map *map, err *e);

#endif
