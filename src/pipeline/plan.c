/* plan: the table of contents of the whole system: ten steps, and how a run goes through them. */
#include "pipeline/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embed.h"
#include "pipeline/part.h"
#include "pipeline/review_vectors.h"
#include "pipeline/shop_tables.h"

const stage *const plan[10] = {
    &stage_raw,      /* raw files           -> typed tables, quarantine, accounting */
    &stage_clean,    /* typed tables        -> cleaned tables with dense keys       */
    &stage_datasets, /* cleaned tables      -> datasets A to F                      */
    &stage_features, /* datasets            -> features with an as-of date          */
    &stage_eda,      /* everything so far   -> eda.html                             */
    &stage_train,    /* datasets, features  -> models with default parameters       */
    &stage_tune,     /* validation period   -> the parameters that matter           */
    &stage_evaluate, /* test period         -> evaluation.json, report.html         */
    &stage_insight,  /* datasets, models    -> tiles behind the pages               */
    &stage_serve,    /* everything          -> the bundle                           */
};

bool plan_find(const char *said, int *out, err *e) {
    const char *words[10];
    int64_t number;
    for (int i = 0; i < 10; i++) {
        words[i] = plan[i]->word;
        if (strcmp(said, words[i]) == 0) return *out = i, true;
    }
    if (slice_int(slice_of(said), &number) && number >= 1 && number <= 10)
        return *out = (int)number - 1, true;
    const char *near = slice_nearest(slice_of(said), words, 10);
    return refuse(e, "'%s' is no step%s%s%s; the steps are raw clean datasets features eda train "
                     "tune evaluate insight serve, or 1 to 10",
                  said, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

static char *folder_of(const stage *g, char to[64]) {
    snprintf(to, 64, "%s_%s", g->number, g->word);
    return to;
}

/* ---- keys ---- */

enum { MOST_SOURCES = 4096 };

/* A regular file of the shop; of one that is written to while it is read, something is different
 * afterwards. */
typedef struct source {
    char *name, *path;
    struct stat is;
} source;

static int by_name(const void *a, const void *b) {
    return strcmp(((const source *)a)->name, ((const source *)b)->name);
}

/* The regular files of a folder in the order of their names; -1 when they cannot be listed. */
static int list_sources(const char *at_folder, source **out, scope *s, err *e) {
    source *all = *out = take(&s->keep, source, MOST_SOURCES);
    int n = 0;
    DIR *dir = opendir(at_folder);
    if (!dir && errno == ENOTDIR) refuse(e, "%s is a file; a folder is wanted", at_folder);
    else if (!dir) fail_file(e, "open folder", at_folder);
    if (!dir) return -1;
    for (struct dirent *at; (at = readdir(dir)) != NULL && n < MOST_SOURCES;) {
        source *one = &all[n];
        if (at->d_name[0] == '.') continue;
        one->name = arena_text(&s->keep, "%s", at->d_name);
        one->path = arena_text(&s->keep, "%s/%s", at_folder, at->d_name);
        if (stat(one->path, &one->is) != 0) fail_file(e, "read", one->path);
        else n += S_ISREG(one->is.st_mode);
    }
    closedir(dir);
    qsort(all, (size_t)n, sizeof *all, by_name);
    return e->kind == ERR_NONE ? n : -1;
}

/* Names and contents of all files of a folder, or of those whose names end so. */
static bool add_folder(const work *w, const char *at_folder, const char *end, hash *h, scope *s,
                       err *e) {
    source *all;
    int n = list_sources(at_folder, &all, s, e);
    for (int i = 0; i < n; i++) {
        hash_text sha;
        size_t length = strlen(all[i].name), last = strlen(end);
        if (length < last || strcmp(all[i].name + length - last, end) != 0) continue;
        work_tick(w, "looking at the shop's files", i, n);
        if (!hash_file(all[i].path, &sha, NULL, e)) return false;
        hash_addf(h, "%s %s\n", all[i].name, sha.hex);
    }
    return n >= 0;
}

static bool is_same(const source *a, const source *b) {
    return strcmp(a->name, b->name) == 0 && a->is.st_ino == b->is.st_ino &&
           a->is.st_size == b->is.st_size && a->is.st_mtim.tv_sec == b->is.st_mtim.tv_sec &&
           a->is.st_mtim.tv_nsec == b->is.st_mtim.tv_nsec;
}

/* What step 01 read is what its key says, or half of one state and half of another. */
static bool sources_stayed(const work *w, const source *before, int n, scope *s, err *e) {
    source *after;
    int now = list_sources(w->shop, &after, s, e);
    if (now < 0) return false;
    for (int i = 0; i < n || i < now; i++) {
        if (i < n && i < now && is_same(&before[i], &after[i])) continue;
        fail(e, "%s/%s changed while it was read; run again when nothing writes to the shop",
             w->shop, i < n ? before[i].name : after[i].name);
        return fail_cause(e, "temporary");
    }
    return true;
}

/* True when one of the space-separated words of `reads` is among those of `writes`. */
static bool reads_from(const char *reads, const char *writes) {
    for (const char *at = reads; *at;) {
        size_t n = strcspn(at, " ");
        for (const char *to = writes; *to;) {
            size_t m = strcspn(to, " ");
            if (n > 0 && n == m && memcmp(at, to, n) == 0) return true;
            to += m + (to[m] == ' ');
        }
        at += n + (at[n] == ' ');
    }
    return false;
}

static hash_text sql_of(const stage *g, scope *s, err *e) {
    char prefix[80], name[64];
    hash *h = hash_open(s, e);
    if (!h) return (hash_text){{0}};
    snprintf(prefix, sizeof prefix, "sql/%s/", folder_of(g, name));
    for (int i = 0; (i = embed_next(prefix, i)) >= 0; i++) {
        hash_addf(h, "%s\n", embed_files[i].path);
        hash_add(h, (slice){(const char *)embed_files[i].bytes, embed_files[i].n});
    }
    return hash_end(h);
}

static bool key_of(work *w, int index, scope *s, folder_key *out, err *e) {
    const stage *g = plan[index];
    char name[64];
    hash *h = hash_open(s, e);
    if (!h) return false;
    out->sql = sql_of(g, s, e);
    out->seed = (int64_t)w->seed;
    hash_addf(h, "%s %s %s seed %llu as_of %d\n", g->word, embed_build, out->sql.hex,
              (unsigned long long)w->seed, w->as_of);
    if (g->learns) hash_addf(h, "%s\n", review_vectors_key(w, s));
    const char *contracts = arena_text(&s->keep, "%s/contracts", w->shop);
    const char *tables = shop_tables_folder(w, &s->keep);
    const char *beside = g->beside ? arena_text(&s->keep, "%s/%s", w->out, g->beside) : NULL;
    if (index == 0 && !add_folder(w, w->shop, "", h, s, e)) return false;
    if (index == 0 && file_exists(tables) && !add_folder(w, tables, "", h, s, e)) return false;
    if (index == 1 && file_exists(contracts) && !add_folder(w, contracts, "", h, s, e))
        return false;
    if (beside && file_exists(beside) && !add_folder(w, beside, ".json", h, s, e)) return false;
    for (int i = 0; i < index; i++) {
        hash_text input;
        if (!reads_from(g->reads, plan[i]->writes)) continue;
        if (!folder_hash(w->out, folder_of(plan[i], name), &input, e))
            return fail_in(e, "a step before this one has no results; run without --from");
        hash_addf(h, "%s %s\n", plan[i]->word, input.hex);
    }
    out->key = hash_end(h);
    return true;
}

/* ---- running ---- */

static bool run_stage(work *w, int index, plan_result *result, scope *s, err *e) {
    char name[64];
    folder_key key;
    source *sources = NULL;
    int n = index == 0 ? list_sources(w->shop, &sources, s, e) : 0;
    folder_of(plan[index], name);
    if (n < 0 || !key_of(w, index, s, &key, e)) return false;
    result->reused = folder_fresh(w->out, name, &key.key, &result->why);
    if (result->reused) return true;
    folder *f = folder_begin(s, w->out, name, e);
    return f && (index == 0 || parts_open(w, f, plan[index]->writes, s)) &&
           plan[index]->run(w, f, s, e) && parts_close(w, &result->parts, &result->taken, e) &&
           (index > 0 || sources_stayed(w, sources, n, s, e)) && folder_commit(f, &key, e);
}

/* What a finished step wrote can be read. */
static bool show_step(work *w, int index, err *e) {
    char name[64];
    folder_of(plan[index], name);
    return work_views(w, name, e) && (!w->ledger || ledger_add_step(w->ledger, name, e));
}

static bool step(work *w, int index, plan_result *result, const plan_watch *watch, err *e) {
    scope s;
    if (!scope_open(&s, (size_t)8 << 30, (size_t)4 << 30, e)) return false;
    double start = watch->clock();
    if (watch->peak) watch->peak();
    work_tick(w, plan[index]->title, 0, 0);
    bool done = run_stage(w, index, result, &s, e);
    scope_close(&s); /* also removes a half-written folder */
    done = done && show_step(w, index, e);
    result->ended = watch->clock();
    result->seconds = result->ended - start;
    if (watch->peak) result->peak_bytes = watch->peak();
    if (done) watch->done(watch->what, plan[index], result);
    return done || fail_in(e, plan[index]->word);
}

bool plan_lock(const char *out, int *file, err *e) {
    char path[4400], holder[32] = "";
    if (!file_make_folders(out, e)) return false;
    snprintf(path, sizeof path, "%s/.lock", out);
    *file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*file < 0) return fail_file(e, "create", path);
    if (flock(*file, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = read(*file, holder, sizeof holder - 1);
        holder[n > 0 ? strcspn(holder, "\n") : 0] = 0;
        close(*file);
        fail(e, "process %s is running in %s; wait for it or choose another --out",
             *holder ? holder : "another", out);
        return fail_cause(e, "temporary");
    }
    snprintf(holder, sizeof holder, "%d\n", (int)getpid());
    if (ftruncate(*file, 0) != 0 || !file_write(*file, slice_of(holder))) {
        fail_file(e, "write", path);
        close(*file);
        return false;
    }
    return true;
}

/* A column or table that is not there, though the story holds: --from begins on tables that another
 * version of the program made. */
static bool is_of_another_version(const err *e) {
    return strstr(e->text, "Binder Error") || strstr(e->text, "Catalog Error");
}

static bool run_steps(work *w, int from, int to, plan_result *results, const plan_watch *watch,
                      err *e) {
    folder_sweep(w->out, "spill"); /* of the engine, when a run was killed */
    folder_sweep(w->out, "shop");  /* a note that was being written */
    bool done = from > 0 || shop_tables_fetch(w, e);
    for (int i = 0; i < from && done; i++) {
        results[i] = (plan_result){.reused = true, .why = "before --from"};
        done = show_step(w, i, e) ||
               fail_in(e, "the steps before --from have no results; run without --from");
    }
    for (int i = from; i <= to && done; i++) done = step(w, i, &results[i], watch, e);
    if (!done && from > 0 && is_of_another_version(e))
        fail_in(e, "the steps before --from are of another version of the program; run without "
                   "--from");
    return done;
}

bool plan_run(work *w, int from, int to, plan_result *results, const plan_watch *watch, err *e) {
    int file;
    scope s;
    if (!plan_lock(w->out, &file, e)) return false;
    bool done = scope_open(&s, (size_t)64 << 20, 1 << 20, e) &&
                (w->ledger = ledger_open(&s, w->d, w->out, e)) != NULL &&
                run_steps(w, from, to, results, watch, e);
    w->ledger = NULL;
    scope_close(&s);
    close(file);
    return done;
}
