/* tensors: the named arrays of a trained network, read from an ONNX or a safetensors file in place.
 *
 *     tensors t;
 *     tensors_open(&t, "model.safetensors", s, e)
 *     const tensor *w = tensors_find(&t, "embeddings.word_embeddings.weight");   // or NULL
 *     tensor_floats(w, out);                                    // [shape[0], shape[1]] as float
 *
 * Safetensors: 8 bytes of header length, a JSON header (name -> dtype, shape, data_offsets), data.
 * ONNX: protobuf; initializers of the graph. Exporters keep the names of biases but fold transposed
 * weights into nameless ones: the second factor of a MatMul whose product is added to "P.bias" is
 * found as "P.weight" with `transposed` set. Every length is checked against the file before use.
 * Formats: github.com/huggingface/safetensors README; onnx.proto of ONNX 1.x. */
#ifndef DATA_TENSORS_H
#define DATA_TENSORS_H

#include "base/text.h"

typedef enum tensor_type { TENSOR_F32, TENSOR_F16, TENSOR_BF16, TENSOR_OTHER } tensor_type;

typedef struct tensor {
    slice name;
    tensor_type type;
    int dims;
    int64_t shape[2]; /* rows, columns; columns = 1 for one dimension; of more, none are kept */
    bool transposed;  /* stored the other way round than the name says */
    const char *data; /* unaligned */
} tensor;

typedef struct tensors {
    int64_t n;
    tensor *at; /* [n] */
} tensors;

/* The file is mapped and lives as long as owner; which format it is, its first bytes tell. */
bool tensors_open(tensors *t, const char *path, scope *owner, err *e);

/* The same of bytes in memory; the sentences do not name a file. */
bool tensors_read_onnx(tensors *t, slice file, scope *owner, err *e);
bool tensors_read_safe(tensors *t, slice file, scope *owner, err *e);

/* The tensor of that name, or of a name that ends in "." and it; NULL when there is none. */
const tensor *tensors_find(const tensors *t, const char *name);

/* All values as floats; asserts a type other than TENSOR_OTHER. */
void tensor_floats(const tensor *t, float *out);

/* A whole file mapped read-only for owner; refused when it is no regular file or empty. */
bool tensors_map(const char *path, scope *owner, slice *out, err *e);

#endif
