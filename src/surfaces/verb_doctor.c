/* verb_doctor: what this machine has, what the program stands on, and what would go wrong. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/kernels.h"
#include "base/simd.h"
#include "data/folder.h"
#include "data/pg.h"
#include "models/boost.h"
#include "pipeline/encoder_file.h"
#include "surfaces/http.h"
#include "surfaces/verbs.h"

static const option options[] = {
    {"out", OPTION_TEXT, "DIR", "folder whose disk and rights are looked at", .value = "."}, {0}};

typedef enum finding { FINE, WARN, BAD } finding;

/* One line: what was looked at, what was found, and for WARN and BAD what to do. */
typedef struct report {
    js *out;
    bool quiet;
    int warned, bad;
} report;

static void say(report *r, finding f, const char *name, const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void say(report *r, finding f, const char *name, const char *advice, const char *format,
                ...) {
    static const char *const words[] = {"fine", "warning", "problem"};
    text t = {0};
    va_list values;
    va_start(values, format);
    text_addv(&t, format, values);
    va_end(values);
    js_object(r->out, NULL);
    js_put_word(r->out, "name", name);
    js_put_word(r->out, "state", words[f]);
    js_put_text(r->out, "value", text_slice(&t));
    js_put_word(r->out, "advice", f == FINE ? NULL : advice);
    js_end(r->out);
    if (!r->quiet) printf("  %-14s %s\n", name, t.p ? t.p : "");
    if (!r->quiet && f != FINE) printf("  %-14s -> %s: %s\n", "", words[f], advice);
    r->warned += f == WARN;
    r->bad += f == BAD;
    text_free(&t);
}

static double gb(double bytes) { return bytes / (double)(1 << 30); }

/* A number of kB from a file of lines like "MemAvailable:  123 kB"; -1 when absent. */
static double line_kb(const char *path, const char *name) {
    char line[256];
    long long kb = -1;
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, name, strlen(name)) == 0 &&
            sscanf(line + strlen(name), ": %lld", &kb) == 1)
            break;
    if (in) fclose(in);
    return (double)kb;
}

/* The memory limit of a container, in bytes; 0 = none. */
static double container_limit(void) {
    static const char *const files[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (int i = 0; i < 2; i++) {
        long long bytes = 0;
        FILE *in = fopen(files[i], "r");
        int n = in ? fscanf(in, "%lld", &bytes) : 0;
        if (in) fclose(in);
        if (n == 1 && bytes > 0 && bytes < (1LL << 50)) return (double)bytes;
    }
    return 0;
}

static void look_at_machine(report *r) {
    struct utsname os;
    char cpu[200] = "unknown", line[300];
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "model name : %199[^\n]", cpu) == 1) break;
    if (in) fclose(in);
    if (uname(&os) == 0)
        say(r, FINE, "system", NULL, "%s %s, %s", os.sysname, os.release, os.machine);
    say(r, FINE, "processor", NULL, "%d usable; %s", pool_processors(), cpu);
    simd_kind level = simd_level();
    say(r, level == SIMD_PLAIN ? WARN : FINE, "instructions",
        "no AVX2 here: results are the same, model fitting takes several times longer", "%s",
        simd_name(level));
    double total = line_kb("/proc/meminfo", "MemTotal") * 1024;
    double left = line_kb("/proc/meminfo", "MemAvailable") * 1024, limit = container_limit();
    say(r, left < 1.5 * (1 << 30) ? WARN : FINE, "memory",
        "a shop of millions of purchases wants 2 GB or more; --memory of run limits the engine",
        "%.1f GB, %.1f GB free", gb(total), gb(left));
    if (limit > 0)
        say(r, limit < 2.0 * (1 << 30) ? WARN : FINE, "container",
            "pass --memory to run, at most half of this", "limited to %.1f GB", gb(limit));
}

static void look_at_limits(report *r) {
    struct rlimit files, space;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        say(r, files.rlim_cur < 512 ? WARN : FINE, "open files",
            "serve takes at most this many connections; raise it with ulimit -n 4096", "%llu",
            (unsigned long long)files.rlim_cur);
    if (getrlimit(RLIMIT_AS, &space) != 0) return;
    if (space.rlim_cur == RLIM_INFINITY)
        say(r, FINE, "address space", NULL, "not limited");
    else
        say(r, BAD, "address space", "the program reserves more than it uses: ulimit -v unlimited",
            "limited to %.1f GB", gb((double)space.rlim_cur));
}

/* Writes a small file with the program's own means and removes it again. */
static void look_at_folder(report *r, scope *s, const char *dir) {
    struct statvfs disk;
    err e = {0};
    bool there = file_exists(dir);
    const char *near = there ? dir : ".";
    const char *probe = arena_text(&s->keep, "%s/.atelier-doctor-%d", near, (int)getpid());
    bool writes = file_replace(probe, SLICE("x"), &e);
    if (writes) unlink(probe);
    say(r, writes ? FINE : BAD, "folder", "choose another one with --out, or ask for the right",
        "%s%s: %s", dir, there ? "" : " (not there yet; its parent)",
        writes ? "may be written" : e.text);
    if (statvfs(near, &disk) != 0) return;
    double left = (double)disk.f_bavail * (double)disk.f_frsize;
    say(r, left < 2.0 * (1 << 30) ? WARN : FINE, "disk",
        "a run needs about twice the size of the shop's files", "%.1f GB free", gb(left));
}

static void look_at_clock(report *r, scope *s) {
    time_t now = time(NULL);
    bool sane = now > (time_t)20000 * 86400 && now < (time_t)60000 * 86400; /* 2024 to 2134 */
    say(r, sane ? FINE : WARN, "clock",
        "set the clock: results do not depend on it, ages of bundles and certificates do",
        "%s %02d:%02d UTC", day_text(&s->keep, (int32_t)(now / 86400)),
        (int)(now % 86400 / 3600), (int)(now % 3600 / 60));
}

static void look_at_program(report *r) {
    say(r, FINE, "build", NULL, "%.12s", embed_build);
    say(r, FINE, "DuckDB", NULL, "%s", db_version());
    say(r, FINE, "OpenBLAS", NULL, "%s", kernels_build());
    const char *path, *version = boost_library(&path);
    say(r, path ? FINE : WARN, "LightGBM", "no ranker can be fitted without it: tools/setup.sh",
        "%s, %s", version, path ? path : "which cannot be opened");
    say(r, FINE, "libmicrohttpd", NULL, "%s", http_version());
    say(r, FINE, "jansson", NULL, "%s", js_version());
    say(r, FINE, "libpq", NULL, "%s", pg_version());
    bool dashboard = embed_next("web/", 0) >= 0;
    say(r, dashboard ? FINE : WARN, "dashboard", "make web && make builds it into the program",
        dashboard ? "built in" : "not built in");
}

static void look_at_weights(report *r, scope *s) {
    const char *dir = encoder_file_weights(NULL, s);
    for (int i = 0; i < 2; i++) {
        const encoder_known *k = &encoder_knowns[i];
        const char *at = encoder_file_folder(k, dir, s);
        say(r, FINE, k->name, NULL, "%s", at
            ? arena_text(&s->keep, "%s (%s)", at, k->licence)
            : "no weights here; tools/setup.sh --weights fetches them for reviews and search");
    }
}

static bool run(const args *a, scope *s, js *out, err *e) {
    report r = {.out = out, .quiet = args_json(a)};
    js_array(out, "findings");
    look_at_program(&r);
    look_at_weights(&r, s);
    look_at_machine(&r);
    look_at_limits(&r);
    look_at_folder(&r, s, args_text(a, "out"));
    look_at_clock(&r, s);
    js_end(out);
    js_put_int(out, "warnings", r.warned);
    js_put_int(out, "problems", r.bad);
    if (!r.quiet)
        printf("%s\n", r.bad ? "Some things have to change first." : r.warned
                             ? "It will work; mind the warnings." : "All is well.");
    (void)e;
    return true;
}

const verb verb_doctor = {"doctor",
                          "",
                          "shop",
                          "Look at machine, libraries and folder before a run.",
                          "atelier doctor --out atelier-out",
                          0,
                          0,
                          options,
                          run};
