/* encoder_file: an encoder of sentences with its vocabulary, as one mapped file with a checksum.
 *
 * Made once from a folder as Hugging Face lays it out: config.json, vocab.txt and weights, which
 * are model.safetensors, model.onnx or onnx/model.onnx. Where 1_Pooling/config.json and
 * sentence_bert_config.json are there, pooling and longest text come from them.
 *
 * Arrays (store.h, kind "encoder"): texts `piece`; settings I64 [10, 1]: layers, wide, heads,
 * inner, words, positions, pooling, longest text in pieces, bytes and time of the source (ns);
 * eps F64 [1, 1]; the tables and stacked layers of encoder.h as F32, products in panels. */
#ifndef PIPELINE_ENCODER_FILE_H
#define PIPELINE_ENCODER_FILE_H

#include "base/hash.h"
#include "models/language/encoder.h"
#include "models/language/wordpiece.h"

typedef struct encoder_file {
    const char *path;
    encoder_model model;
    wordpiece words;
    int32_t most;     /* pieces of a text that are read, with [CLS] and [SEP] */
    hash_text hash;   /* of sizes and numbers: the encoder's name in caches */
} encoder_file;

/* A known encoder: what --encoder takes by name, its folder below the weights, its longest text. */
typedef struct encoder_known {
    const char *name, *folder;
    int32_t most;
    const char *licence;
} encoder_known;
extern const encoder_known encoder_knowns[2];

/* Where weights are looked for: `given` (may be NULL), else $ATELIER_WEIGHTS, else the folder
 * `weights` beside the program or above it. NULL when none of them is there. */
const char *encoder_file_weights(const char *given, scope *s);

/* The folder of a known encoder in the weights folder, when all that is read of it is there; NULL
 * otherwise, and when weights is NULL. */
const char *encoder_file_folder(const encoder_known *known, const char *weights, scope *s);

/* Opens `word`: a known name (in the weights folder; NULL = there is none), a folder, or a file
 * that was made before. A folder is converted at the first use, into FOLDER/encoder.atm: once,
 * however many processes and threads begin at the same time. */
bool encoder_file_open(encoder_file *f, const char *word, const char *weights, scope *s, err *e);

/* Makes the file at path from the folder dir; most = longest text in pieces, 0 = all positions;
 * what the folder says itself goes first. Written as PATH.half and renamed: what a kill leaves of
 * it is written over by the next. Two at once for one path would mix: encoder_file_open locks. */
bool encoder_file_make(const char *dir, const char *path, int32_t most, scope *s, err *e);

/* Writes another model of the same sizes, with f's vocabulary and settings, to path: whole or not
 * at all. It is opened as a file. */
bool encoder_file_save(const encoder_file *f, const encoder_model *m, const char *path, scope *s,
                       err *e);

#endif
