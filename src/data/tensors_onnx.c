/* tensors_onnx: tensors of an ONNX file: just enough protobuf, and names for folded weights. */
#include <string.h>

#include "data/tensors.h"

/* One field of a message: a number (wire type 0) or bytes (2); fixed ones (1, 5) are bytes too. */
typedef struct field {
    uint32_t number;
    int wire;
    uint64_t value;
    slice bytes;
} field;

static bool varint(slice *in, uint64_t *out) {
    *out = 0;
    for (int shift = 0; shift < 64 && in->n > 0; shift += 7) {
        uint8_t byte = (uint8_t)*in->p++;
        in->n--;
        *out |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

/* The next field of a message; false at its end, and with *damaged when it is no message. */
static bool next(slice *in, field *f, bool *damaged) {
    uint64_t tag, length = 0;
    if (in->n == 0) return false;
    *f = (field){0};
    *damaged = true;
    if (!varint(in, &tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
    f->number = (uint32_t)(tag >> 3);
    f->wire = (int)(tag & 7);
    switch (f->wire) {
    case 0: *damaged = !varint(in, &f->value); return !*damaged;
    case 1: length = 8; break;
    case 2:
        if (!varint(in, &length)) return false;
        break;
    case 5: length = 4; break;
    default: return false;
    }
    if (length > in->n) return false;
    f->bytes = (slice){in->p, (size_t)length};
    in->p += length;
    in->n -= (size_t)length;
    *damaged = false;
    return true;
}

enum { GRAPH = 7, NODE = 1, INITIALIZER = 5 };                          /* of model, graph */
enum { DIMS = 1, DATA_TYPE = 2, FLOAT_DATA = 4, NAME = 8, RAW_DATA = 9 }; /* of a tensor */
enum { INPUT = 1, OUTPUT = 2, OP_TYPE = 4 };                            /* of a node */

typedef struct node {
    slice op, input[2], output;
} node;

static bool add_dim(tensor *t, uint64_t size) {
    if (t->dims < 2) t->shape[t->dims] = (int64_t)size;
    return ++t->dims < 100 && size < (uint64_t)1 << 40;
}

static bool read_tensor(slice in, tensor *t) {
    static const struct {
        uint64_t code;
        tensor_type type;
        int64_t width;
    } types[] = {{1, TENSOR_F32, 4}, {10, TENSOR_F16, 2}, {16, TENSOR_BF16, 2}};
    field f;
    slice data = {"", 0};
    bool damaged = false, sane = true;
    int64_t width = 0, bytes;
    *t = (tensor){.type = TENSOR_OTHER, .shape = {0, 1}};
    while (sane && next(&in, &f, &damaged)) {
        if (f.number == NAME && f.wire == 2) t->name = f.bytes;
        if ((f.number == RAW_DATA || f.number == FLOAT_DATA) && f.wire == 2) data = f.bytes;
        if (f.number == DIMS && f.wire == 0) sane = add_dim(t, f.value);
        for (uint64_t size; sane && f.number == DIMS && f.wire == 2 && f.bytes.n > 0;)
            sane = varint(&f.bytes, &size) && add_dim(t, size);
        for (int i = 0; i < 3 && f.number == DATA_TYPE; i++)
            if (types[i].code == f.value) t->type = types[i].type, width = types[i].width;
    }
    if (damaged || !sane) return false;
    if (t->dims < 1 || t->dims > 2) t->type = TENSOR_OTHER;
    if (t->type == TENSOR_OTHER) return true;
    t->data = data.p;
    return !__builtin_mul_overflow(t->shape[0], t->shape[1], &bytes) &&
           !__builtin_mul_overflow(bytes, width, &bytes) && bytes == (int64_t)data.n;
}

static bool read_node(slice in, node *n) {
    field f;
    bool damaged = false;
    int inputs = 0;
    *n = (node){0};
    while (next(&in, &f, &damaged)) {
        if (f.wire != 2) continue;
        if (f.number == INPUT && inputs < 2) n->input[inputs++] = f.bytes;
        if (f.number == OUTPUT && n->output.n == 0) n->output = f.bytes;
        if (f.number == OP_TYPE) n->op = f.bytes;
    }
    return !damaged;
}

static tensor *named(const tensors *t, slice name) {
    for (int64_t i = 0; i < t->n; i++)
        if (slice_compare(t->at[i].name, name) == 0) return &t->at[i];
    return NULL;
}

/* The initializer "P.bias" that is added to `product` somewhere, or NULL. */
static const tensor *bias_of(const tensors *t, const node *nodes, int64_t n, slice product) {
    for (int64_t i = 0; i < n; i++) {
        if (!slice_is(nodes[i].op, "Add")) continue;
        for (int side = 0; side < 2; side++) {
            if (slice_compare(nodes[i].input[side], product) != 0) continue;
            const tensor *bias = named(t, nodes[i].input[1 - side]);
            if (bias && bias->name.n > 5 &&
                memcmp(bias->name.p + bias->name.n - 5, ".bias", 5) == 0)
                return bias;
        }
    }
    return NULL;
}

static void name_weights(tensors *t, const node *nodes, int64_t n, arena *keep) {
    for (int64_t i = 0; i < n; i++) {
        if (!slice_is(nodes[i].op, "MatMul")) continue;
        tensor *weight = named(t, nodes[i].input[1]);
        const tensor *bias = weight ? bias_of(t, nodes, n, nodes[i].output) : NULL;
        if (!bias || weight->transposed) continue;
        char *name = arena_text(keep, "%.*sweight", (int)bias->name.n - 4, bias->name.p);
        weight->name = slice_of(name);
        weight->transposed = true;
    }
}

/* How many fields of that number a message has. */
static int64_t count(slice in, uint32_t number) {
    field f;
    bool damaged = false;
    int64_t n = 0;
    while (next(&in, &f, &damaged)) n += f.number == number && f.wire == 2;
    return n;
}

bool tensors_read_onnx(tensors *t, slice file, scope *owner, err *e) {
    field f;
    bool damaged = false;
    slice graph = {"", 0}, in = file;
    *t = (tensors){0};
    while (next(&in, &f, &damaged))
        if (f.number == GRAPH && f.wire == 2) graph = f.bytes;
    if (damaged) return refuse(e, "is cut off, or neither an ONNX nor a safetensors file");
    int64_t n = count(graph, INITIALIZER), n_nodes = count(graph, NODE), at = 0;
    if (n == 0) return refuse(e, "is no ONNX file with weights inside");
    if (n > 10000 || n_nodes > 10000)
        return refuse(e, "has %lld tensors and %lld nodes, at most 10000 of each are read",
                      (long long)n, (long long)n_nodes);
    t->at = take(&owner->keep, tensor, n);
    node *nodes = take(&owner->keep, node, n_nodes);
    while (next(&graph, &f, &damaged)) {
        if (f.wire != 2) continue;
        if (f.number == INITIALIZER && !read_tensor(f.bytes, &t->at[t->n++]))
            return refuse(e, "is damaged: tensor %lld of %lld", (long long)t->n, (long long)n);
        if (f.number == NODE && !read_node(f.bytes, &nodes[at++]))
            return refuse(e, "is damaged: node %lld of %lld", (long long)at, (long long)n_nodes);
    }
    if (damaged) return refuse(e, "is damaged: its graph cannot be read");
    name_weights(t, nodes, n_nodes, &owner->keep);
    return true;
}
