/* tensors_safe: tensors of a safetensors file. */
#include <string.h>

#include "base/json.h"
#include "data/tensors.h"

static tensor_type type_of(slice word, int64_t *width) {
    static const struct {
        const char *word;
        tensor_type type;
        int64_t width;
    } types[] = {{"F32", TENSOR_F32, 4}, {"F16", TENSOR_F16, 2}, {"BF16", TENSOR_BF16, 2}};
    for (int i = 0; i < 3; i++)
        if (slice_is(word, types[i].word)) {
            *width = types[i].width;
            return types[i].type;
        }
    *width = 0;
    return TENSOR_OTHER;
}

/* One entry of the header; data is what lies behind the header. */
static bool read_one(const js_node *entry, slice name, slice data, tensor *out, err *e) {
    slice word;
    int64_t from = -1, to = -1, width, values = 1;
    const js_node *shape = js_get(entry, "shape"), *offsets = js_get(entry, "data_offsets");
    *out = (tensor){.name = name, .type = TENSOR_OTHER, .shape = {0, 1}};
    if (!js_text(js_get(entry, "dtype"), &word) || !js_is_array(shape) || !js_is_array(offsets) ||
        !js_int(js_at(offsets, 0), &from) || !js_int(js_at(offsets, 1), &to))
        return refuse(e, "the header's entry %.*s has no dtype, shape and data_offsets",
                      (int)name.n, name.p);
    if (from < 0 || to < from || (uint64_t)to > data.n)
        return refuse(e, "is cut off: %.*s ends at byte %lld of %zu of data", (int)name.n, name.p,
                      (long long)to, data.n);
    int64_t dims = js_count(shape);
    out->type = type_of(word, &width);
    for (int64_t i = 0; i < dims; i++) {
        int64_t size;
        if (!js_int(js_at(shape, i), &size) || size < 0 ||
            __builtin_mul_overflow(values, size, &values))
            return refuse(e, "the shape of %.*s makes no sense", (int)name.n, name.p);
        if (i < 2) out->shape[i] = size;
    }
    if (dims < 1 || dims > 2) out->type = TENSOR_OTHER;
    int64_t bytes;
    if (out->type != TENSOR_OTHER &&
        (__builtin_mul_overflow(values, width, &bytes) || bytes != to - from))
        return refuse(e, "%.*s has %lld bytes of data, which is not what its shape needs",
                      (int)name.n, name.p, (long long)(to - from));
    out->dims = (int)(dims > 9 ? 9 : dims);
    out->data = data.p + from;
    return true;
}

bool tensors_read_safe(tensors *t, slice file, scope *owner, err *e) {
    uint64_t header = 0;
    *t = (tensors){0};
    if (file.n < 8) return refuse(e, "is no safetensors file: it has %zu bytes", file.n);
    memcpy(&header, file.p, sizeof header);
    if (header > file.n - 8 || header > 100u << 20)
        return refuse(e, "is cut off, or no safetensors file: its header would have %llu bytes",
                      (unsigned long long)header);
    const js_node *all = js_parse(owner, (slice){file.p + 8, header}, e);
    if (!all) return fail_in(e, "header");
    if (!js_is_object(all)) return refuse(e, "has a header that is not an object");
    slice data = {file.p + 8 + header, file.n - 8 - header};
    int64_t n = js_count(all);
    if (n > 10000) return refuse(e, "has %lld tensors, at most 10000 are read", (long long)n);
    t->at = take(&owner->keep, tensor, n);
    for (int64_t i = 0; i < n; i++) {
        const char *key = js_key(all, i);
        if (strcmp(key, "__metadata__") == 0) continue;
        if (!read_one(js_get(all, key), slice_of(key), data, &t->at[t->n], e)) return false;
        t->n++;
    }
    return true;
}
