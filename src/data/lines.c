/* lines: the text of single records of a file, found by the line on which they begin. */
#include "data/lines.h"

#include "data/csv_source.h"

enum { MOST_BYTES = 4096, CHUNK = 1 << 18 };

typedef struct walk {
    const int64_t *lines;
    slice *out;
    int64_t n, next; /* next: the record looked for, or being taken */
    int64_t line;    /* of the byte at hand */
    bool start;      /* at the first byte of a line */
    bool taking, open, after_cr;
    char bytes[MOST_BYTES];
    size_t held;
} walk;

static void give(walk *w, arena *keep, size_t n) {
    w->out[w->next++] = (slice){take_copy(keep, char, w->bytes, n + 1), n};
    w->taking = false;
}

static void begin_line(walk *w) {
    w->start = false;
    if (w->taking || w->next >= w->n || w->lines[w->next] != w->line) return;
    w->taking = true;
    w->open = false;
    w->held = 0;
}

static void end_line(walk *w, arena *keep) {
    w->line++;
    w->start = true;
    if (!w->taking) return;
    if (!w->open) give(w, keep, w->held);
    else if (w->held + 1 >= MOST_BYTES) give(w, keep, w->held); /* long enough to recognise it */
    else w->bytes[w->held++] = '\n';
}

static void walk_bytes(walk *w, slice s, arena *keep) {
    for (size_t i = 0; i < s.n && w->next < w->n; i++) {
        char b = s.p[i];
        if (b == '\n' && w->after_cr) { /* the second half of CRLF */
            w->after_cr = false;
            continue;
        }
        w->after_cr = b == '\r';
        if (w->start) begin_line(w);
        if (b == '\n' || b == '\r') {
            end_line(w, keep);
            continue;
        }
        if (!w->taking) continue;
        if (b == '"') w->open = !w->open;
        if (w->held + 1 < MOST_BYTES) w->bytes[w->held++] = b;
    }
}

bool lines_read(scope *owner, const char *path, const int64_t *lines, int64_t n, slice *out,
                err *e) {
    scope s;
    if (!scope_open(&s, 8 << 20, 0, e)) return false;
    walk *w = take(&s.keep, walk, 1);
    char *buffer = take(&s.keep, char, CHUNK);
    *w = (walk){.lines = lines, .out = out, .n = n, .line = 1, .start = true};
    for (int64_t i = 0; i < n; i++) out[i] = (slice){0};
    csv_source *from = csv_source_open(&s, path, e);
    bool done = from != NULL;
    for (size_t got = 1; done && got > 0 && w->next < n;) {
        done = csv_source_read(from, buffer, CHUNK, &got, e);
        if (done) walk_bytes(w, (slice){buffer, got}, &owner->keep);
    }
    if (done && w->taking) give(w, &owner->keep, w->held);
    scope_close(&s);
    return done;
}
