/* progress: what a long run shows on stderr. */
#include "surfaces/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "surfaces/args.h"

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && *value;
}

static void clear(progress_view *v) {
    if (v->line_open) fputs("\r\033[K", stderr);
    v->line_open = false;
}

void progress_line(progress_view *v, const char *line) {
    clear(v);
    fprintf(stderr, "%s\n", line);
}

void progress_close(progress_view *v) { clear(v); }

static void say(void *what, const char *line) {
    progress_view *v = what;
    clear(v);
    fprintf(stderr, "     %s\n", line);
}

/* "12 s left", or how long it has taken when the end is unknown. */
static void draw(progress_view *v, double now, int64_t done, int64_t total) {
    double took = now - v->start;
    clear(v);
    if (total > 0 && done > 0) {
        double left = took / (double)done * (double)(total - done);
        fprintf(stderr, "     %.70s  %lld of %lld  %.0f s left", v->label, (long long)done,
                (long long)total, left);
    } else {
        fprintf(stderr, "     %.70s  %.0f s", v->label, took);
    }
    v->line_open = true;
    v->shown = now;
}

static void tick(void *what, const char *label, int64_t done, int64_t total) {
    progress_view *v = what;
    double now = args_clock();
    if (strncmp(v->label, label, sizeof v->label - 1) != 0) {
        snprintf(v->label, sizeof v->label, "%s", label);
        v->start = v->shown = now;
    }
    if (v->terminal && (now - v->shown > 0.25 || done == 0)) draw(v, now, done, total);
}

progress progress_open(progress_view *v) {
    const char *term = getenv("TERM");
    memset(v, 0, sizeof *v);
    v->terminal = isatty(2) && !is_set("CI") && !(term && strcmp(term, "dumb") == 0);
    v->colour = v->terminal && !is_set("NO_COLOR");
    return (progress){v, tick, say};
}
