/* encoder_parts: what an encoder's file holds and where a folder has it; for encoder_file*.c. */
#include "pipeline/encoder_parts.h"

#include <stddef.h>
#include <sys/stat.h>

#define AT(member) offsetof(encoder_model, member)

enum { WIDE = ENCODER_WIDE, INNER = ENCODER_INNER, NONE = ENCODER_SETTINGS };

const encoder_part encoder_parts[ENCODER_PARTS] = {
    {"word", AT(word), {"embeddings.word_embeddings.weight"}, ENCODER_WORDS, WIDE},
    {"position", AT(position), {"embeddings.position_embeddings.weight"}, ENCODER_POSITIONS, WIDE},
    {"type", AT(type), {"embeddings.token_type_embeddings.weight"}, NONE, WIDE}, /* the first row */
    {"first.scale", AT(first.scale), {"embeddings.LayerNorm.weight"}, WIDE, NONE},
    {"first.shift", AT(first.shift), {"embeddings.LayerNorm.bias"}, WIDE, NONE},
    {"qkv.weight", AT(qkv.weight),
     {"attention.self.query.weight", "attention.self.key.weight", "attention.self.value.weight"},
     WIDE, WIDE, true, true},
    {"qkv.bias", AT(qkv.bias),
     {"attention.self.query.bias", "attention.self.key.bias", "attention.self.value.bias"},
     WIDE, NONE, true},
    {"out.weight", AT(out.weight), {"attention.output.dense.weight"}, WIDE, WIDE, true, true},
    {"out.bias", AT(out.bias), {"attention.output.dense.bias"}, WIDE, NONE, true},
    {"attention.scale", AT(after_attention.scale), {"attention.output.LayerNorm.weight"}, WIDE,
     NONE, true},
    {"attention.shift", AT(after_attention.shift), {"attention.output.LayerNorm.bias"}, WIDE,
     NONE, true},
    {"up.weight", AT(up.weight), {"intermediate.dense.weight"}, INNER, WIDE, true, true},
    {"up.bias", AT(up.bias), {"intermediate.dense.bias"}, INNER, NONE, true},
    {"down.weight", AT(down.weight), {"output.dense.weight"}, WIDE, INNER, true, true},
    {"down.bias", AT(down.bias), {"output.dense.bias"}, WIDE, NONE, true},
    {"inner.scale", AT(after_inner.scale), {"output.LayerNorm.weight"}, WIDE, NONE, true},
    {"inner.shift", AT(after_inner.shift), {"output.LayerNorm.bias"}, WIDE, NONE, true},
};

encoder_shape encoder_part_shape(const encoder_model *m, int part) {
    const int64_t sizes[ENCODER_SETTINGS + 1] = {
        [ENCODER_WIDE] = m->wide,           [ENCODER_INNER] = m->inner, [ENCODER_WORDS] = m->words,
        [ENCODER_POSITIONS] = m->positions, [NONE] = 1};
    const encoder_part *p = &encoder_parts[part];
    encoder_shape shape = {sizes[p->rows], sizes[p->columns], 0};
    for (int i = 0; i < 4 && p->source[i]; i++) shape.values += shape.rows * shape.columns;
    return shape;
}

bool encoder_source_find(const char *dir, scope *s, encoder_source *out, err *e) {
    static const char *const names[] = {"model.safetensors", "model.onnx", "onnx/model.onnx"};
    struct stat st;
    for (int i = 0; i < 3; i++) {
        out->path = arena_text(&s->keep, "%s/%s", dir, names[i]);
        if (stat(out->path, &st) != 0 || !S_ISREG(st.st_mode)) continue;
        out->bytes = st.st_size;
        out->time = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        return true;
    }
    refuse(e, "%s holds no model.safetensors, model.onnx or onnx/model.onnx", dir);
    return fail_cause(e, "no_input");
}
