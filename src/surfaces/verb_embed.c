/* verb_embed: texts of a table as unit vectors of a sentence encoder, one row each. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/npy.h"
#include "pipeline/vectors.h"
#include "surfaces/progress.h"
#include "surfaces/verbs.h"

static const contract_column table_columns[] = {
    {"text", CONTRACT_TEXT, false,
     "review_text|review|review_body|body|content|sentence|comment|description"},
};
static const contract table_contract = {"texts", 1, table_columns};

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"text", OPTION_TEXT, "COLUMN", "header of the column with the texts (default: text)"},
    {"encoder", OPTION_TEXT, "NAME",
     "gte-small, minilm, a folder as Hugging Face lays it out, or a file made from one",
     .value = "gte-small"},
    {"precision", OPTION_CHOICE, "fp32|int8|fast",
     "int8 is faster on processors with VNNI, at a cosine above .999; fast = int8 on those alone",
     .value = "fp32"},
    {"weights", OPTION_TEXT, "DIR",
     "folder of the known encoders (default: weights beside the program, or ATELIER_WEIGHTS)"},
    {"cache", OPTION_TEXT, "DIR",
     "where vectors are kept for the next run (default: .vectors beside --out; none = no cache)"},
    {0}};

/* All records in the file's order; p NULL where a record did not pass. */
static bool read_texts(const args *a, bench *b, scope *s, js *out, slice **texts, int64_t *n,
                       err *e) {
    columns c;
    const char *header = args_text(a, "text");
    if (header && args_given(a, "map"))
        return refuse(e, "--text and --map both say which column holds the texts: give one");
    table_loaded loaded;
    table_load in = {.path = args_text(a, "in"), .c = &table_contract, .table = "texts",
                     .map = header ? arena_text(&s->keep, "text=%s", header) : args_text(a, "map")};
    if (!verb_read_texts(b, in, &loaded, s, out, e) ||
        !db_query(b->d, &s->keep, &c, e,
                  "SELECT src_line, 1::BIGINT AS good, text FROM texts UNION ALL "
                  "SELECT src_line, 0::BIGINT, NULL FROM left_out ORDER BY src_line"))
        return false;
    const int64_t *good = columns_i64(&c, "good");
    const column *text_of = columns_find(&c, "text");
    *n = c.rows;
    *texts = take(&s->keep, slice, c.rows);
    for (int64_t i = 0; i < c.rows; i++)
        (*texts)[i] = !good[i] ? (slice){NULL, 0}
                      : column_has(text_of, i) ? text_of->text[i] : SLICE("");
    return true;
}

/* The folder of the cache, or NULL. */
static const char *cache_of(const args *a, scope *s) {
    const char *given = args_text(a, "cache"), *to = args_text(a, "out");
    if (given) return strcmp(given, "none") == 0 ? NULL : given;
    const char *slash = strrchr(to, '/');
    return arena_text(&s->keep, "%.*s.vectors", slash ? (int)(slash - to + 1) : 0, to);
}

static bool write_vectors(const char *path, const float *vectors, int64_t n, int32_t wide, scope *s,
                          err *e) {
    const char *half = arena_text(&s->keep, "%s.%d", path, (int)getpid());
    if (!npy_write(half, STORE_F32, n, wide, vectors, e)) return false;
    if (rename(half, path) == 0) return true;
    unlink(half);
    return fail_file(e, "write", path);
}

static void put_told(js *out, const encoder_file *f, const vectors_told *t, int threads) {
    js_put_word(out, "encoder", f->path);
    js_putf(out, "encoder_hash", "%.16s", f->hash.hex);
    js_put_word(out, "precision", f->model.qkv.bytes ? "int8" : "fp32");
    js_put_int(out, "dimensions", f->model.wide);
    js_put_int(out, "threads", threads);
    js_object(out, "texts");
    js_put_int(out, "rows", t->texts);
    js_put_int(out, "missing", t->missing);
    js_put_int(out, "empty", t->empty);
    js_put_int(out, "cut", t->cut);
    js_put_int(out, "distinct", t->distinct);
    js_put_int(out, "cached", t->cached);
    js_put_int(out, "encoded", t->encoded);
    js_end(out);
    js_object(out, "pieces");
    js_put_int(out, "all", t->pieces);
    js_put_int(out, "encoded", t->encoded_pieces);
    js_put_int(out, "longest", t->longest);
    js_put_int(out, "most", f->most);
    js_end(out);
}

static void say_told(const encoder_file *f, const vectors_told *t) {
    fprintf(stderr, "%lld texts, %lld distinct: %lld encoded, %lld from the cache; %.1f pieces a "
                    "text, %lld cut off at %d\n",
            (long long)t->texts, (long long)t->distinct, (long long)t->encoded,
            (long long)t->cached, t->texts ? (double)t->pieces / (double)t->texts : 0,
            (long long)t->cut, f->most);
    if (t->empty + t->missing > 0)
        fprintf(stderr, "%lld texts without a word; %lld rows left out of reading have zeros\n",
                (long long)t->empty, (long long)t->missing);
    if (t->encoded > 0 && t->encode_s > 0)
        fprintf(stderr, "%.1f texts a second\n", (double)t->encoded / t->encode_s);
}

static void put_timing(js *out, double load_s, double read_s, const vectors_told *t,
                       double write_s) {
    const struct {
        const char *name;
        double seconds;
    } phases[] = {{"load_s", load_s},         {"read_s", read_s},     {"tokenize_s", t->tokenize_s},
                  {"cache_s", t->cache_s},    {"encode_s", t->encode_s}, {"write_s", write_s}};
    js_object(out, "timing");
    for (int i = 0; i < 6; i++) js_put_fixed(out, phases[i].name, phases[i].seconds, 6);
    js_end(out);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    encoder_file f;
    slice *texts = NULL;
    int64_t n = 0;
    progress_view view;
    vectors_told told;
    const char *to = args_text(a, "out");
    size_t length = to ? strlen(to) : 0;
    if (length < 5 || strcmp(to + length - 4, ".npy") != 0)
        return refuse(e, "--out must name a .npy file, got %s", to ? to : "nothing");
    double clock = args_clock();
    const char *weights = encoder_file_weights(args_text(a, "weights"), s);
    if (!encoder_file_open(&f, args_text(a, "encoder"), weights, s, e)) return false;
    const char *precision = args_text(a, "precision");
    if (strcmp(precision, "int8") == 0 || (strcmp(precision, "fast") == 0 && encoder_quick()))
        encoder_quicken(&f.model, &s->keep);
    double load_s = args_lap(&clock);
    if (!verb_open(a, s, &b, e) || !read_texts(a, &b, s, out, &texts, &n, e)) return false;
    double read_s = args_lap(&clock);
    vectors_params p = {b.threads, cache_of(a, s), progress_open(&view)};
    float *vectors = vectors_make(&f, texts, n, &p, args_clock, &told, s, e);
    progress_close(&view);
    if (!vectors) return false;
    args_lap(&clock);
    if (!write_vectors(to, vectors, n, f.model.wide, s, e)) return false;
    put_told(out, &f, &told, pool_threads(b.threads));
    put_timing(out, load_s, read_s, &told, args_lap(&clock));
    if (!args_json(a)) say_told(&f, &told);
    return true;
}

const verb verb_embed = {"embed",
                         "",
                         "table",
                         "Vectors of texts by a sentence encoder, as a NumPy file.",
                         "atelier embed --in reviews.csv --text \"Review Text\" --out e.npy",
                         0,
                         0,
                         options,
                         run};
