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
    out->until_dirt = demo_dirt_gap(out);
    text_open(&out->waiting, w->s);
    text_open(&out->packed, w->s);
    scope_defer(w->s, close_stream, out);
    out->to = fopen(folder_path(f, out->name), "wb");
    if (!out->to) {
        fail_file(e, "create", out->name);
        return NULL;
    }
    setvbuf(out->to, NULL, _IONBF, 0);
    if (strstr(out->name, ".gz") && !(out->gz = gz_create_at(w->s, 2, e))) return NULL;
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

void demo_add(demo_cells *c, slice s) { c->at[c->n++] = s; }

/* Decimal digits of n >= 0 at p, at least `width` of them; returns their number. */
static size_t put_digits(char *p, uint64_t n, size_t width) {
    char back[24];
    size_t used = 0;
    do back[used++] = (char)('0' + n % 10);
    while ((n /= 10) > 0 || used < width);
    for (size_t i = 0; i < used; i++) p[i] = back[used - 1 - i];
    return used;
}

void demo_add_number(demo_cells *c, int64_t n, int width) {
    demo_add(c, (slice){c->room[c->n], put_digits(c->room[c->n], (uint64_t)n, (size_t)width)});
}

void demo_add_money(demo_cells *c, int32_t cents) {
    char *p = c->room[c->n];
    size_t n = put_digits(p, (uint64_t)cents / 100, 1);
    p[n++] = '.';
    n += put_digits(p + n, (uint64_t)cents % 100, 2);
    demo_add(c, (slice){p, n});
}

void demo_add_day(demo_cells *c, int32_t day) {
    int year, month, of_month;
    char *p = c->room[c->n];
    day_split(day, &year, &month, &of_month);
    put_digits(p, (uint64_t)year, 4);
    put_digits(p + 5, (uint64_t)month, 2);
    put_digits(p + 8, (uint64_t)of_month, 2);
    p[4] = p[7] = '-';
    demo_add(c, (slice){p, 10});
}

void demo_add_time(demo_cells *c, int32_t day, int32_t second) {
    demo_add_day(c, day + second / 86400);
    char *p = c->room[c->n - 1];
    uint64_t of_day = (uint64_t)second % 86400;
    put_digits(p + 11, of_day / 3600, 2);
    put_digits(p + 14, of_day / 60 % 60, 2);
    put_digits(p + 17, of_day % 60, 2);
    p[10] = ' ';
    p[13] = p[16] = ':';
    c->at[c->n - 1].n = 19;
}

void demo_add_article(demo_cells *c, const demo_article *a) {
    char *p = c->room[c->n];
    p[0] = '0';
    put_digits(p + 1, (uint64_t)a->product, 6);
    put_digits(p + 7, (uint64_t)a->variant, 3);
    demo_add(c, (slice){p, 10});
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

bool demo_row(demo_file *f, const demo_cells *c, err *e) {
    demo_fields(f, c->at, c->n);
    f->rows++;
    if (--f->until_dirt < 0) demo_damaged(f, c);
    return f->waiting.n < FLUSH_AT || flush(f, false, e);
}

bool demo_file_close(demo_file *f, err *e) {
    if (!flush(f, true, e)) return false;
    FILE *to = f->to;
    f->to = NULL;
    return fclose(to) == 0 || fail_file(e, "write", f->name);
}
