/* tensors: the named arrays of a trained network, read in place from ONNX or safetensors. */
#include "data/tensors.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void unmap(void *what) {
    slice *m = what;
    munmap((void *)(uintptr_t)m->p, m->n);
}

bool tensors_map(const char *path, scope *owner, slice *out, err *e) {
    struct stat st;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    bool done = fstat(file, &st) == 0 || fail_file(e, "read", path);
    if (done && (!S_ISREG(st.st_mode) || st.st_size == 0))
        done = refuse(e, "%s is no file with weights", path);
    void *base = done ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (done && base == MAP_FAILED) done = fail_file(e, "map", path);
    close(file);
    if (!done) return false;
    slice *m = take(&owner->keep, slice, 1);
    *out = *m = (slice){base, (size_t)st.st_size};
    scope_defer(owner, unmap, m);
    return true;
}

bool tensors_open(tensors *t, const char *path, scope *owner, err *e) {
    slice file;
    if (!tensors_map(path, owner, &file, e)) return false;
    bool safe = file.n > 8 && file.p[8] == '{';
    return (safe ? tensors_read_safe(t, file, owner, e) : tensors_read_onnx(t, file, owner, e)) ||
           fail_in(e, path);
}

const tensor *tensors_find(const tensors *t, const char *name) {
    size_t n = strlen(name);
    for (int64_t i = 0; i < t->n; i++) {
        slice at = t->at[i].name;
        if (at.n < n || memcmp(at.p + at.n - n, name, n) != 0) continue;
        if (at.n == n || at.p[at.n - n - 1] == '.') return &t->at[i];
    }
    return NULL;
}

static float of_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* IEEE 754 binary16; subnormal values by the product with 2^-24. */
static float of_half(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, rest = h & 0x3FF;
    if (exponent == 31) return of_bits(sign | 0x7F800000 | rest << 13);
    if (exponent > 0) return of_bits(sign | (exponent + 112) << 23 | rest << 13);
    return (sign ? -1.0f : 1.0f) * (float)rest * 0x1p-24f;
}

void tensor_floats(const tensor *t, float *out) {
    assert(t->type != TENSOR_OTHER);
    int64_t n = t->shape[0] * t->shape[1];
    if (t->type == TENSOR_F32) {
        memcpy(out, t->data, (size_t)n * sizeof *out);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, t->data + 2 * i, sizeof half);
        out[i] = t->type == TENSOR_F16 ? of_half(half) : of_bits((uint32_t)half << 16);
    }
}
