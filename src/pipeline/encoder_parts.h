/* encoder_parts: what an encoder's file holds and where a folder has it; for encoder_file*.c. */
#ifndef PIPELINE_ENCODER_PARTS_H
#define PIPELINE_ENCODER_PARTS_H

#include "models/language/encoder.h"

enum { /* places in the array `settings` */
    ENCODER_LAYERS,
    ENCODER_WIDE,
    ENCODER_HEADS,
    ENCODER_INNER,
    ENCODER_WORDS,
    ENCODER_POSITIONS,
    ENCODER_POOLING,
    ENCODER_MOST,
    ENCODER_SOURCE_BYTES,
    ENCODER_SOURCE_TIME,
    ENCODER_SETTINGS
};

enum { ENCODER_PARTS = 17 };

/* One array of the file, [layers or 1, values of a layer]. Its sources are tensors [rows, columns],
 * or [rows] where columns is ENCODER_SETTINGS; what they count is a place in the settings. */
typedef struct encoder_part {
    const char *name;      /* in the file */
    size_t offset;         /* of the pointer in encoder_model */
    const char *source[4]; /* behind "encoder.layer.N." where layered; ends with NULL */
    int rows, columns;
    bool layered, panels;
} encoder_part;

extern const encoder_part encoder_parts[ENCODER_PARTS];

/* Rows and columns of one source, and values of one layer of all sources. */
typedef struct encoder_shape {
    int64_t rows, columns, values;
} encoder_shape;
encoder_shape encoder_part_shape(const encoder_model *m, int part);

/* The weights of a folder: which file, its bytes and the time it was last changed (ns). */
typedef struct encoder_source {
    char *path;
    int64_t bytes, time;
} encoder_source;
bool encoder_source_find(const char *dir, scope *s, encoder_source *out, err *e);

#endif
