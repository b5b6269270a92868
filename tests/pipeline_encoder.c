/* pipeline_encoder: weights of other programs, the encoder's file, the cache, and atelier embed. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/folder.h"
#include "data/npy.h"
#include "data/tensors.h"
#include "encoder_folder.h"
#include "pipeline/encoder_cache.h"
#include "pipeline/encoder_file.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 128 << 20, 16 << 20, &e), &e);
    return s;
}

#define RUN(s, ...) check_atelier((s), (const char *[]){__VA_ARGS__, NULL})
#define PATH(...)   arena_text(&s.keep, __VA_ARGS__)

static char *write_file(const char *path, slice bytes) {
    err e = {0};
    check_ok(file_replace(path, bytes, &e), &e);
    return (char *)(uintptr_t)path;
}

static slice read_file(const char *path, scope *s) {
    slice b = {0};
    err e = {0};
    check_ok(file_read(path, s, 64 << 20, &b, &e), &e);
    return b;
}

/* The vectors of a file [rows, 64]. */
static const float *vectors_of(const char *path, int64_t rows, scope *s) {
    npy_array a;
    err e = {0};
    check_ok(npy_open(s, path, &a, &e), &e);
    check(a.rows == rows && a.cols == 64 && a.kind == 'f' && a.width == 4);
    return a.data;
}

static bool is_zero(const float *v) {
    for (int i = 0; i < 64; i++)
        if (v[i] != 0) return false;
    return true;
}

CHECK(tensors_of_onnx_and_safetensors_are_the_same) {
    scope s = open_scope();
    err e = {0};
    tensors a, b;
    check_ok(tensors_read_safe(&a, encoder_folder_safe_bytes(&s), &s, &e), &e);
    check_ok(tensors_read_onnx(&b, encoder_folder_onnx_bytes(&s), &s, &e), &e);
    check(a.n == 37 && b.n == 37);
    for (int64_t i = 0; i < a.n; i++) {
        const tensor *x = &a.at[i], *y = tensors_find(&b, x->name.p);
        check(y && x->type == TENSOR_F32 && y->type == TENSOR_F32 && !x->transposed);
        check(x->shape[0] == y->shape[y->transposed] && x->shape[1] == y->shape[!y->transposed]);
        float p, q;
        memcpy(&p, x->data + 4, 4); /* second value of the first row */
        memcpy(&q, y->data + (y->transposed ? 4 * y->shape[1] : 4), 4);
        check(p == q);
    }
    check(tensors_find(&a, "layer.1.output.dense.bias") != NULL); /* behind a point */
    check(tensors_find(&a, "ayer.1.output.dense.bias") == NULL);
    scope_close(&s);
}

CHECK(tensors_in_halves_are_widened) {
    static const uint16_t half[] = {0x3C00, 0xC000, 0x0001, 0x83FF, 0x7BFF}; /* IEEE 754 */
    static const double is[] = {1, -2, 0x1p-24, -0x3FFp-24, 65504};
    static const uint16_t brain[] = {0x3F80, 0xC000, 0x7F7F};
    float out[5];
    tensor t = {.type = TENSOR_F16, .dims = 1, .shape = {5, 1}, .data = (const char *)half};
    tensor_floats(&t, out);
    for (int i = 0; i < 5; i++) check((double)out[i] == is[i]);
    t = (tensor){.type = TENSOR_BF16, .dims = 1, .shape = {3, 1}, .data = (const char *)brain};
    tensor_floats(&t, out);
    check(out[0] == 1 && out[1] == -2 && out[2] > 3.3e38f);
}

/* Cut anywhere, or with any one byte changed: a sentence or a file like before, never a crash. */
CHECK(tensors_of_damaged_files_are_refused) {
    scope s = open_scope();
    slice all[2] = {encoder_folder_safe_bytes(&s), encoder_folder_onnx_bytes(&s)};
    for (int k = 0; k < 2; k++) {
        for (size_t n = 0; n < all[k].n; n += n < 5000 ? 61 : 1999) {
            err e = {0};
            tensors t;
            scope inner;
            check(scope_open(&inner, 4 << 20, 0, &e));
            char *cut = take(&inner.keep, char, n + 1); /* a read past the end is seen */
            memcpy(cut, all[k].p, n);
            bool read = k ? tensors_read_onnx(&t, (slice){cut, n}, &inner, &e)
                          : tensors_read_safe(&t, (slice){cut, n}, &inner, &e);
            check(!read && e.kind == ERR_ASKED_WRONG && e.text[0]);
            scope_close(&inner);
        }
    }
    scope_close(&s);
}

CHECK(encoder_file_is_the_same_from_onnx_and_safetensors) {
    scope s = open_scope();
    err e = {0};
    const char *dir = check_folder("encoder-file");
    encoder_file a, b;
    encoder_folder_safe(PATH("%s/safe", dir), &s);
    encoder_folder_onnx(PATH("%s/onnx", dir), &s);
    check_ok(encoder_file_open(&a, PATH("%s/safe", dir), NULL, &s, &e), &e);
    check_ok(encoder_file_open(&b, PATH("%s/onnx", dir), NULL, &s, &e), &e);
    check(a.model.layers == 2 && a.model.wide == 64 && a.model.heads == 2 && a.most == 40);
    check(memcmp(a.model.qkv.weight, b.model.qkv.weight, 2 * 3 * 64 * 64 * sizeof(float)) == 0);
    check(memcmp(a.model.down.weight, b.model.down.weight, 2 * 96 * 64 * sizeof(float)) == 0);
    check(strcmp(a.hash.hex, b.hash.hex) == 0);
    check(memcmp(a.model.word, b.model.word, 20 * 64 * sizeof(float)) == 0);
    check(memcmp(a.model.type, b.model.type, 64 * sizeof(float)) == 0);
    check(memcmp(a.model.after_inner.shift, b.model.after_inner.shift, 128 * sizeof(float)) == 0);
    scope_close(&s);
}

typedef struct opening {
    const char *dir;
    hash_text hash[4];
    ino_t made[4];
} opening;

static void open_one(void *what, int64_t i, arena scratch) {
    (void)scratch;
    opening *o = what;
    scope s = open_scope();
    err e = {0};
    encoder_file f;
    struct stat st;
    check_ok(encoder_file_open(&f, o->dir, NULL, &s, &e), &e);
    check(stat(arena_text(&s.keep, "%s/encoder.atm", o->dir), &st) == 0);
    o->hash[i] = f.hash;
    o->made[i] = st.st_ino;
    scope_close(&s);
}

/* Four first uses at the same time, and what a killed one left behind. */
CHECK(encoder_folder_is_converted_once_by_many_threads) {
    scope s = open_scope();
    err e = {0};
    opening o = {.dir = check_folder("encoder-once")};
    encoder_folder_safe(o.dir, &s);
    write_file(PATH("%s/encoder.atm.half", o.dir), SLICE("what a kill left"));
    pool *threads = pool_open(4, 1 << 20, &e);
    check_ok(threads != NULL, &e);
    pool_for(threads, 4, open_one, &o);
    pool_close(threads);
    for (int i = 1; i < 4; i++) {
        check(strcmp(o.hash[i].hex, o.hash[0].hex) == 0);
        check(o.made[i] == o.made[0]);
    }
    check(!file_exists(PATH("%s/encoder.atm.half", o.dir)));
    scope_close(&s);
}

CHECK(encoder_file_that_was_tampered_with_is_refused) {
    scope s = open_scope();
    err e = {0}, e2 = {0};
    encoder_file f;
    const char *dir = check_folder("encoder-tampered");
    encoder_folder_safe(dir, &s);
    check_ok(encoder_file_open(&f, dir, NULL, &s, &e), &e);
    slice b = read_file(PATH("%s/encoder.atm", dir), &s);
    char *copy = take_copy(&s.keep, char, b.p, b.n);
    copy[b.n - 2000] ^= 1;
    write_file(PATH("%s/t.atm", dir), (slice){copy, b.n});
    check(!encoder_file_open(&f, PATH("%s/t.atm", dir), NULL, &s, &e));
    check_has(slice_of(e.text), "checksum does not match");
    write_file(PATH("%s/t.atm", dir), (slice){b.p, b.n - 64});
    check(!encoder_file_open(&f, PATH("%s/t.atm", dir), NULL, &s, &e2));
    check_has(slice_of(e2.text), "is truncated");
    scope_close(&s);
}

/* Each with the sentence that says what is wrong. */
CHECK(encoder_folders_of_other_kinds_are_refused) {
    static const struct {
        const char *file, *bytes, *says;
    } cases[] = {
        {"config.json", "{\"model_type\": \"bert\"}", "has no sensible num_hidden_layers"},
        {"config.json",
         "{\"hidden_act\": \"relu\", \"hidden_size\": 64, \"vocab_size\": 20,"
         " \"num_hidden_layers\": 2, \"num_attention_heads\": 2, \"intermediate_size\": 96,"
         " \"max_position_embeddings\": 40}", "with gelu"},
        {"config.json",
         "{\"hidden_size\": 64, \"vocab_size\": 20, \"num_hidden_layers\": 2,"
         " \"num_attention_heads\": 2, \"intermediate_size\": 128,"
         " \"max_position_embeddings\": 40}", "wanted 128"},
        {"config.json",
         "{\"hidden_size\": 64, \"vocab_size\": 20, \"num_hidden_layers\": 3,"
         " \"num_attention_heads\": 2, \"intermediate_size\": 96,"
         " \"max_position_embeddings\": 40}", "has no tensor encoder.layer.2."},
        {"vocab.txt", "the\ndress\n", "[UNK]"},
        {"model.safetensors", "nonsense", "neither an ONNX nor a safetensors file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scope s = open_scope();
        err e = {0};
        encoder_file f;
        const char *dir = check_folder("encoder-other");
        encoder_folder_safe(dir, &s);
        write_file(PATH("%s/%s", dir, cases[i].file), slice_of(cases[i].bytes));
        check(!encoder_file_open(&f, dir, NULL, &s, &e) && e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), cases[i].says);
        check(!file_exists(PATH("%s/encoder.atm", dir)));
        scope_close(&s);
    }
}

CHECK(encoder_cache_keeps_what_many_runs_add) {
    const char *dir = check_folder("encoder-cache");
    for (int run = 0; run < 12; run++) {
        scope s = open_scope();
        err e = {0};
        int damaged;
        encoder_cache *c = encoder_cache_open(dir, "n", 3, &s, &damaged, &e);
        check(c != NULL && damaged == 0);
        encoder_key key[2];
        float vector[2][3];
        const float *rows[2] = {vector[0], vector[1]};
        for (int i = 0; i < 2 * run; i++) {
            const float *v = encoder_cache_find(c, encoder_key_of(&i, 1));
            check(v && v[0] == (float)i && v[2] == (float)-i);
        }
        for (int i = 0; i < 2; i++) {
            int32_t id = 2 * run + i;
            key[i] = encoder_key_of(&id, 1);
            check(encoder_cache_find(c, key[i]) == NULL);
            vector[i][0] = (float)id, vector[i][1] = 0, vector[i][2] = (float)-id;
        }
        check_ok(encoder_cache_add(c, key, rows, 1, &s, &e), &e); /* twice in one run */
        check_ok(encoder_cache_add(c, key + 1, rows + 1, 1, &s, &e), &e);
        scope_close(&s);
    }
}

/* ---- the verb ---- */

static const char table[] =
    "id,Body\n1,The dress fits well!\n2,\n3,\xF0\x9F\x98\x8D\n4,runs <br/> small\n"
    "5,the \xFF dress\n6,The dress  fits well !\n7,\"a\nsoft, soft dress\"\n";

CHECK(embed_has_a_row_for_every_record_and_keeps_what_it_knows) {
    scope s = open_scope();
    const char *dir = check_folder("embed");
    char *model = PATH("%s/model", dir), *in = PATH("%s/t.csv", dir), *out = PATH("%s/e.npy", dir);
    encoder_folder_safe(model, &s);
    write_file(in, slice_of(table));
    check_run r = RUN(&s, "embed", "--in", in, "--text", "Body", "--encoder", model, "--out", out,
                      "--json");
    check(r.status == 0);
    check_has(r.out, "\"rows\": 7");
    check_has(r.out, "\"missing\": 1");
    check_has(r.out, "\"distinct\": 5");
    check_has(r.out, "\"encoded\": 5");
    const float *v = vectors_of(out, 7, &s);
    check(memcmp(v, v + 5 * 64, 64 * sizeof *v) == 0); /* the same pieces */
    check(is_zero(v + 4 * 64));                        /* not UTF-8 */
    for (int i = 0; i < 7; i++) {
        double length = 0;
        for (int k = 0; k < 64; k++) length += (double)v[i * 64 + k] * (double)v[i * 64 + k];
        if (i != 4) check_near(length, 1, 1e-6);
    }
    slice first = read_file(out, &s);
    r = RUN(&s, "embed", "--in", in, "--text", "Body", "--encoder", model, "--out", out, "--json",
            "--threads", "8");
    check(r.status == 0);
    check_has(r.out, "\"cached\": 5");
    check(slice_compare(first, read_file(out, &s)) == 0);
    r = RUN(&s, "embed", "--in", in, "--map", "text=Body", "--encoder", model, "--out", out,
            "--json", "--threads", "2", "--cache", "none");
    check(r.status == 0);
    check_has(r.out, "\"cached\": 0");
    check(slice_compare(first, read_file(out, &s)) == 0);
    scope_close(&s);
}

CHECK(embed_reads_a_text_of_a_megabyte) {
    scope s = open_scope();
    const char *dir = check_folder("embed-long");
    char *model = PATH("%s/model", dir), *in = PATH("%s/t.csv", dir), *out = PATH("%s/e.npy", dir);
    encoder_folder_onnx(model, &s);
    char *big = take(&s.keep, char, (1 << 20) + 200);
    size_t n = (size_t)sprintf(big, "review\nthe dress\n");
    for (int i = 0; i < 1 << 17; i++)
        n += (size_t)sprintf(big + n, "%s", i % 2 ? "dress   " : "soft    ");
    big[n - 1] = '\n'; /* 1,048,575 bytes of text */
    write_file(in, (slice){big, n});
    check_run r = RUN(&s, "embed", "--in", in, "--encoder", model, "--out", out, "--json");
    check(r.status == 0);
    check_has(r.out, "\"cut\": 1");
    check_has(r.out, "\"longest\": 40");
    check(!is_zero(vectors_of(out, 2, &s) + 64));
    scope_close(&s);
}

CHECK(embed_says_what_is_missing) {
    scope s = open_scope();
    const char *dir = check_folder("embed-refuses");
    char *in = PATH("%s/t.csv", dir), *out = PATH("%s/e.npy", dir), *model = PATH("%s/m", dir);
    encoder_folder_safe(model, &s);
    write_file(in, slice_of(table));
    const struct {
        const char *words[9];
        int status;
        const char *says;
    } cases[] = {
        {{"--text", "Body", "--encoder", model, "--out", "e.csv"}, 2, "must name a .npy file"},
        {{"--text", "Text", "--encoder", model, "--out", out}, 2, "Text"},
        {{"--encoder", "gte", "--out", out}, 2, "gte is no encoder"},
        {{"--encoder", "minilm", "--weights", "/nowhere", "--out", out}, 1, "--weights"},
        {{"--encoder", dir, "--out", out}, 1, "config.json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *argv[12] = {"embed", "--in", in};
        for (int k = 0; cases[i].words[k]; k++) argv[3 + k] = cases[i].words[k];
        check_run r = check_atelier(&s, argv);
        check(r.status == cases[i].status);
        check_has(r.err, cases[i].says);
        check(!file_exists(out));
    }
    scope_close(&s);
}

/* ---- the real encoders, where the weights are here ---- */

/* One line of tests/oracles/encoder.tsv: the text and 2 x 8 numbers of ONNX Runtime. */
static void read_oracle(slice *all, slice *from, double number[16]) {
    const char *end = memchr(all->p, '\n', all->n);
    check(end != NULL);
    slice line = {all->p, (size_t)(end - all->p)};
    *all = (slice){end + 1, all->n - line.n - 1};
    for (int i = 0; i <= 16; i++) {
        const char *tab = memchr(line.p, '\t', line.n);
        slice cell = {line.p, tab ? (size_t)(tab - line.p) : line.n};
        line = tab ? (slice){tab + 1, line.n - cell.n - 1} : (slice){"", 0};
        if (i == 0) *from = cell;
        else check(slice_double(cell, &number[i - 1]));
    }
}

static void agree_with_oracle(int which, const char *name, int n) {
    scope s = open_scope();
    err e = {0};
    encoder_file f;
    check_ok(encoder_file_open(&f, name, "build/weights", &s, &e), &e);
    slice all = read_file("tests/oracles/encoder.tsv", &s);
    double *wanted = take(&s.keep, double, 200 * 16);
    int32_t *ids = take(&s.keep, int32_t, 200 * f.most);
    int64_t *at = take(&s.keep, int64_t, 201);
    for (int i = 0; i < n; i++) {
        slice from;
        read_oracle(&all, &from, wanted + 16 * i);
        at[i + 1] = at[i] + wordpiece_encode(&f.words, from, f.most, ids + at[i], NULL);
    }
    pool *threads = pool_open(2, 64 << 20, &e);
    float *got = take(&s.keep, float, 200 * f.model.wide);
    encoder_texts texts = {n, ids, at};
    encoder_run(&f.model, &texts, threads, got, s.scratch);
    for (int i = 0; i < 8 * n; i++) { /* 1e-6: 3e-7 seen; the promise is 2e-6 */
        const float *one = got + i / 8 * f.model.wide;
        check_near((double)one[48 * (i % 8)], wanted[16 * (i / 8) + 8 * which + i % 8], 1e-6);
    }
    pool_close(threads);
    scope_close(&s);
}

CHECK(encoder_minilm_equals_onnx_runtime) {
    if (!check_weights("all-MiniLM-L6-v2"))
        skip("no weights here: tools/setup.sh --weights");
    agree_with_oracle(1, "minilm", 200);
}

CHECK(encoder_gte_small_equals_onnx_runtime) {
    once_is_enough();
    if (!check_weights("gte-small"))
        skip("no weights here: tools/setup.sh --weights");
    agree_with_oracle(0, "gte-small", 80); /* the shorter ones: tests are to be quick */
}
