/* tensors: any bytes as an ONNX and as a safetensors file: refused, or every value within them. */
#include <stdlib.h>
#include <string.h>

#include "data/tensors.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static void try(bool safe, const char *copy, size_t n) {
    scope s;
    err e = {0};
    tensors t;
    if (!scope_open(&s, (size_t)64 << 20, 0, &e)) abort();
    slice file = {copy, n};
    bool read = safe ? tensors_read_safe(&t, file, &s, &e) : tensors_read_onnx(&t, file, &s, &e);
    if (!read && !e.text[0]) abort();
    for (int64_t i = 0; read && i < t.n; i++) {
        const tensor *at = &t.at[i];
        if (at->type == TENSOR_OTHER) continue;
        int64_t values = at->shape[0] * at->shape[1];
        if (values < 0 || values > (int64_t)n) abort();
        float *out = malloc(sizeof *out * (size_t)values + 1);
        if (!out) abort();
        tensor_floats(at, out);
        free(out);
    }
    if (read) tensors_find(&t, "layer.0.output.dense.weight");
    scope_close(&s);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    char *copy = malloc(n + 1); /* of its own, so that a read past the end is seen */
    if (!copy) abort();
    memcpy(copy, bytes, n);
    try(true, copy, n);
    try(false, copy, n);
    free(copy);
    return 0;
}
