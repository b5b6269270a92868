/* demo_file: the demo shop's files: CSV rows through a buffer, plain or gzip. */
#include <errno.h>
#include <string.h>

#include "pipeline/demo_world.h"

enum { FLUSH_AT = 1 << 18 };

static const char *const names[6] = {"articles.csv", "customers.csv", "transactions_train.csv",
                                     "reviews.csv",  "events.csv.gz", "stock.csv"};

static void close_stream(void *what) {
    demo_file *f = what;
    if (f->to) fclose(f->to);
    f->to = NULL;
}

static bool flush(demo_file *f, bool last, err *e) {
    slice bytes = text_slice(&f->waiting);
    if (f->gz) {
        text_clear(&f->packed);
        if (!gz_write(f->gz, bytes, last, &f->packed, e)) return false;
        bytes = text_slice(&f->packed);
    }
    if (bytes.n > 0 && fwrite(bytes.p, 1, bytes.n, f->to) != bytes.n)
        return fail_file(e, "write", f->name);
    text_clear(&f->waiting);
    return true;
}

demo_file *demo_file_open(demo_world *w, folder *f, int number, const char *header, err *e) {
    demo_file *out = take(&w->s->keep, demo_file, 1);
    out->name = names[number];
    out->number = number;
    out->dirt = demo_rng(w, "dirt", (uint64_t)number);
    text_open(&out->waiting, w->s);
    text_open(&out->packed, w->s);
    scope_defer(w->s, close_stream, out);
    out->to = fopen(folder_path(f, out->name), "wb");
    if (!out->to) {
        fail_file(e, "create", out->name);
        return NULL;
    }
    setvbuf(out->to, NULL, _IONBF, 0);
    if (strstr(out->name, ".gz") && !(out->gz = gz_create(w->s, e))) return NULL;
    text_add(&out->waiting, slice_of(header));
    text_add_char(&out->waiting, '\n');
    w->files[number] = out;
    return out;
}

static bool needs_quotes(slice s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r') return true;
    return false;
}

static void add_quoted(text *to, slice s) {
    text_add_char(to, '"');
    for (size_t from = 0, i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != '"') continue;
        text_add(to, (slice){s.p + from, i - from});
        if (i < s.n) text_add(to, SLICE("\"\""));
        from = i + 1;
    }
    text_add_char(to, '"');
}

void demo_field(text *to, slice s) {
    if (needs_quotes(s)) add_quoted(to, s);
    else text_add(to, s);
}

void demo_fields(demo_file *f, const slice *fields, int n) {
    for (int i = 0; i < n; i++) {
        if (i > 0) text_add_char(&f->waiting, ',');
        demo_field(&f->waiting, fields[i]);
    }
    text_add_char(&f->waiting, '\n');
}

bool demo_row(demo_file *f, const slice *fields, int n, err *e) {
    demo_fields(f, fields, n);
    f->rows++;
    demo_damaged(f, fields, n);
    return f->waiting.n < FLUSH_AT || flush(f, false, e);
}

bool demo_file_close(demo_file *f, err *e) {
    if (!flush(f, true, e)) return false;
    FILE *to = f->to;
    f->to = NULL;
    return fclose(to) == 0 || fail_file(e, "write", f->name);
}
