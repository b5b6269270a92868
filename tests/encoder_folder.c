/* encoder_folder: a tiny encoder of random numbers as the folders that other programs write. */
#include "encoder_folder.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/random.h"
#include "data/folder.h"

enum { WIDE = 64, INNER = 96, WORDS = 20, POSITIONS = 40 };

static const char vocabulary[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\ndress\nfits\nwell\n!\n##es\n"
                                 "small\nruns\na\n##s\nsoft\n<\n>\nbr\n/\nsize\n";
static const char config[] =
    "{\"model_type\": \"bert\", \"hidden_act\": \"gelu\", \"hidden_size\": 64, \"vocab_size\": 20,"
    " \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"intermediate_size\": 96,"
    " \"max_position_embeddings\": 40, \"layer_norm_eps\": 1e-12}";

typedef void each_tensor(void *what, const char *name, int64_t rows, int64_t cols, float *data);

/* Hands out every tensor by its name, filled with the same random numbers each time. */
static void walk(each_tensor *each, void *what, arena scratch) {
    static const struct {
        const char *name;
        int64_t rows, cols; /* cols 0 = one dimension */
    } tables[] = {{"embeddings.word_embeddings.weight", WORDS, WIDE},
                  {"embeddings.position_embeddings.weight", POSITIONS, WIDE},
                  {"embeddings.token_type_embeddings.weight", 2, WIDE},
                  {"embeddings.LayerNorm.weight", WIDE, 0},
                  {"embeddings.LayerNorm.bias", WIDE, 0}},
      layered[] = {{"attention.self.query.weight", WIDE, WIDE},
                   {"attention.self.query.bias", WIDE, 0},
                   {"attention.self.key.weight", WIDE, WIDE},
                   {"attention.self.key.bias", WIDE, 0},
                   {"attention.self.value.weight", WIDE, WIDE},
                   {"attention.self.value.bias", WIDE, 0},
                   {"attention.output.dense.weight", WIDE, WIDE},
                   {"attention.output.dense.bias", WIDE, 0},
                   {"attention.output.LayerNorm.weight", WIDE, 0},
                   {"attention.output.LayerNorm.bias", WIDE, 0},
                   {"intermediate.dense.weight", INNER, WIDE},
                   {"intermediate.dense.bias", INNER, 0},
                   {"output.dense.weight", WIDE, INNER},
                   {"output.dense.bias", WIDE, 0},
                   {"output.LayerNorm.weight", WIDE, 0},
                   {"output.LayerNorm.bias", WIDE, 0}};
    rng r = rng_open(11, 0);
    for (int i = 0; i < 5 + 2 * 16; i++) {
        bool in_layer = i >= 5;
        const char *name = in_layer ? layered[(i - 5) % 16].name : tables[i].name;
        int64_t rows = in_layer ? layered[(i - 5) % 16].rows : tables[i].rows;
        int64_t cols = in_layer ? layered[(i - 5) % 16].cols : tables[i].cols;
        arena room = scratch;
        if (in_layer) name = arena_text(&room, "encoder.layer.%d.%s", (i - 5) / 16, name);
        int64_t n = rows * (cols ? cols : 1);
        float *data = take(&room, float, n);
        bool one = strstr(name, "Norm.weight") != NULL;
        for (int64_t k = 0; k < n; k++) data[k] = (float)(one + 0.2 * rng_normal(&r));
        each(what, name, rows, cols, data);
    }
}

/* ---- safetensors ---- */

typedef struct safe {
    js header;
    text data;
} safe;

static void add_safe(void *what, const char *name, int64_t rows, int64_t cols, float *data) {
    safe *f = what;
    size_t bytes = (size_t)(rows * (cols ? cols : 1)) * sizeof *data;
    js_object(&f->header, name);
    js_put_word(&f->header, "dtype", "F32");
    js_array(&f->header, "shape");
    js_put_int(&f->header, NULL, rows);
    if (cols) js_put_int(&f->header, NULL, cols);
    js_end(&f->header);
    js_array(&f->header, "data_offsets");
    js_put_int(&f->header, NULL, (int64_t)f->data.n);
    js_put_int(&f->header, NULL, (int64_t)(f->data.n + bytes));
    js_end(&f->header);
    js_end(&f->header);
    text_add(&f->data, (slice){(char *)data, bytes});
}

slice encoder_folder_safe_bytes(scope *s) {
    safe *f = take(&s->keep, safe, 1);
    text *out = take(&s->keep, text, 1);
    js_open(&f->header, s);
    text_open(&f->data, s);
    text_open(out, s);
    js_object(&f->header, NULL);
    walk(add_safe, f, s->scratch);
    js_end(&f->header);
    uint64_t length = f->header.out.n;
    text_add(out, (slice){(char *)&length, sizeof length});
    text_add(out, text_slice(&f->header.out));
    text_add(out, text_slice(&f->data));
    return text_slice(out);
}

/* ---- ONNX ---- */

static void put_varint(text *t, uint64_t value) {
    for (; value >= 128; value >>= 7) text_add_char(t, (char)(value | 128));
    text_add_char(t, (char)value);
}

static void put_field(text *t, uint32_t number, slice bytes) {
    put_varint(t, number << 3 | 2);
    put_varint(t, bytes.n);
    text_add(t, bytes);
}

static void put_number(text *t, uint32_t number, uint64_t value) {
    put_varint(t, number << 3);
    put_varint(t, value);
}

typedef struct onnx {
    text graph;
    int products;
} onnx;

static void add_node(text *graph, const char *op, const char *a, const char *b, const char *out) {
    text node = {0};
    put_field(&node, 1, slice_of(a));
    put_field(&node, 1, slice_of(b));
    put_field(&node, 2, slice_of(out));
    put_field(&node, 4, slice_of(op));
    put_field(graph, 1, text_slice(&node));
    text_free(&node);
}

/* MatMul(x, nameless) and Add(bias, product), as exporters write a linear layer. */
static void add_onnx(void *what, const char *name, int64_t rows, int64_t cols, float *data) {
    onnx *f = what;
    text tensor = {0};
    bool folded = strstr(name, "encoder") && cols > 0;
    char nameless[40] = "", product[40] = "", bias[100] = "";
    float turned[INNER * WIDE];
    if (folded) {
        snprintf(nameless, sizeof nameless, "onnx::MatMul_%d", f->products++);
        snprintf(product, sizeof product, "product_%d", f->products);
        snprintf(bias, sizeof bias, "%.*sbias", (int)strlen(name) - 6, name);
        for (int64_t i = 0; i < rows; i++)
            for (int64_t k = 0; k < cols; k++) turned[k * rows + i] = data[i * cols + k];
        add_node(&f->graph, "MatMul", "x", nameless, product);
        add_node(&f->graph, "Add", bias, product, "y");
    }
    put_number(&tensor, 1, (uint64_t)(folded ? cols : rows));
    if (cols) put_number(&tensor, 1, (uint64_t)(folded ? rows : cols));
    put_number(&tensor, 2, 1);
    put_field(&tensor, 8, slice_of(folded ? nameless : name));
    put_field(&tensor, 9, (slice){(char *)(folded ? turned : data),
                                  (size_t)(rows * (cols ? cols : 1)) * sizeof *data});
    put_field(&f->graph, 5, text_slice(&tensor));
    text_free(&tensor);
}

slice encoder_folder_onnx_bytes(scope *s) {
    onnx *f = take(&s->keep, onnx, 1);
    text *out = take(&s->keep, text, 1);
    text_open(&f->graph, s);
    text_open(out, s);
    walk(add_onnx, f, s->scratch);
    put_number(out, 1, 8); /* version of the format */
    put_field(out, 7, text_slice(&f->graph));
    return text_slice(out);
}

/* ---- folders ---- */

static void put_folder(const char *dir, const char *weights, slice bytes, scope *s) {
    err e = {0};
    check_ok(file_make_folders(dir, &e), &e);
    check_ok(file_replace(arena_text(&s->keep, "%s/config.json", dir), slice_of(config), &e), &e);
    check_ok(file_replace(arena_text(&s->keep, "%s/vocab.txt", dir), slice_of(vocabulary), &e), &e);
    check_ok(file_replace(arena_text(&s->keep, "%s/%s", dir, weights), bytes, &e), &e);
}

void encoder_folder_safe(const char *dir, scope *s) {
    put_folder(dir, "model.safetensors", encoder_folder_safe_bytes(s), s);
}

void encoder_folder_onnx(const char *dir, scope *s) {
    put_folder(dir, "model.onnx", encoder_folder_onnx_bytes(s), s);
}
