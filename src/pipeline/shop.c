/* shop: which file of a shop's folder is which source. */
#include "pipeline/shop.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "data/table.h"
#include "pipeline/forgotten.h"
#include "pipeline/shop_tables.h"

enum { most_files = 4096, numbers_of_a_source = 10000 };

/* Words in a file's name that speak for a source, in the order of contract_sources. */
static const char *const words[6] = {
    "article|product|catalog|item|sku",
    "customer|user|client|member",
    "transaction|order|sale|purchase|invoice|retail|line_item",
    "review|rating|feedback",
    "event|click|behavi|session|log|activity|ecom",
    "stock|inventory|warehouse",
};

static bool has_word(const char *name, const char *list) {
    char word[32];
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, "|");
        memcpy(word, at, n);
        word[n] = 0;
        if (strcasestr(name, word)) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

bool shop_named(const char *file, int source) { return has_word(file, words[source]); }

/* More filled columns are better; a word in the name counts as three, a required column as two. */
int shop_source(const char *name, const slice *headers, int n, const char *const *maps) {
    int best = -1, most = 0;
    for (int i = 0; i < 6; i++) {
        const contract *c = &contract_sources[i];
        int filled = maps[i] ? contract_fit(c, headers, n, maps[i]) : -1, required = 0;
        bool named = has_word(name, words[i]) || filled >= 0;
        if (filled < 0) filled = contract_fit(c, headers, n, NULL);
        for (int k = 0; k < c->n; k++) required += c->columns[k].required;
        /* One lonely id is no catalogue: a file that nobody names needs three columns or all. */
        if (filled < 0 || (!named && filled < 3 && filled < n)) continue;
        int score = filled + required + 3 * named;
        if (score > most) best = i, most = score;
    }
    return best;
}

static bool ends_in(const char *name, const char *tail) {
    size_t n = strlen(name), m = strlen(tail);
    return n > m && strcasecmp(name + n - m, tail) == 0;
}

bool shop_is_table(const char *name) {
    static const char *const tails[] = {".csv",    ".tsv",    ".txt",     ".csv.gz",
                                        ".tsv.gz", ".txt.gz", ".parquet", ".pq"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
        if (ends_in(name, tails[i])) return true;
    return false;
}

/* What atelier.yaml says about a file: a source, -1 = to be ignored, -2 = nothing. */
static int said(const config *c, const char *name) {
    for (int i = 0; i < c->n_files; i++) {
        if (fnmatch(c->files[i].text, name, 0) != 0) continue;
        const contract *found = contract_find(c->files[i].source);
        return found ? (int)(found - contract_sources) : -1;
    }
    return -2;
}

/* A table named after a source (transactions.csv) whose columns do not fit is a mistake of the
 * shop, not a file to pass over: the refusal lists what is missing and what was found. */
static bool refuse_misfit(const shop_file *f, const slice *headers, int n, err *e) {
    contract_match match;
    for (int i = 0; i < 6; i++) {
        err why = {0};
        if (strcasestr(f->name, contract_sources[i].source) == NULL) continue;
        if (contract_map(&contract_sources[i], headers, n, NULL, &match, &why)) continue;
        refuse(e, "%s is named like %s, but %s; or have it ignored there",
               f->path, contract_sources[i].source, why.text);
        return fail_cause(e, "bad_data");
    }
    return true;
}

/* Decides on one file; a header that cannot be read leaves it without a source, unless it was
 * named: then that is a mistake. */
static bool decide(const work *w, const config *c, shop_file *f, scope *s, err *e) {
    struct stat st;
    f->source = said(c, f->name);
    if (f->source == -1) return f->why = "atelier.yaml says to ignore it", true;
    if (stat(f->path, &st) != 0) return fail_file(e, "read", f->path);
    if (f->source >= 0) return S_ISREG(st.st_mode) || refuse(e, "%s is not a file", f->path);
    f->source = -1;
    if (!S_ISREG(st.st_mode))
        return f->why = S_ISDIR(st.st_mode) ? "a folder" : "no file: a device or a pipe", true;
    if (!shop_is_table(f->name)) return f->why = "no .csv, .tsv, .txt or .parquet", true;
    scope inner;
    slice *headers;
    int n;
    err why = {0};
    if (!scope_open(&inner, (size_t)64 << 20, 0, e)) return false;
    bool misfit = false;
    if (table_headers(w->d, f->path, &inner, &headers, &n, &why)) {
        f->source = shop_source(f->name, headers, n, c->maps);
        misfit = f->source < 0 && !refuse_misfit(f, headers, n, e);
    }
    bool world = why.kind == ERR_WENT_WRONG; /* no permission, for one: the shop is not readable */
    if (why.kind != ERR_NONE) f->why = arena_text(&s->keep, "%s", why.text);
    else if (f->source < 0) f->why = "its columns fit no source";
    scope_close(&inner);
    if (world) *e = why;
    return !world && !misfit;
}

static int by_source(const void *a, const void *b) {
    const shop_file *x = a, *y = b;
    unsigned p = (unsigned)x->source, q = (unsigned)y->source; /* -1 is the largest */
    return p != q ? (p > q) - (p < q) : strcmp(x->name, y->name);
}

static bool list(const work *w, scope *s, shop *out, err *e) {
    DIR *dir = opendir(w->shop);
    if (!dir && errno == ENOTDIR) return refuse(e, "%s is a file; a shop is a folder", w->shop);
    if (!dir) return fail_file(e, "open folder", w->shop);
    out->files = take(&s->keep, shop_file, most_files);
    for (struct dirent *at; (at = readdir(dir)) != NULL && out->n < most_files;) {
        if (at->d_name[0] == '.' || strcmp(at->d_name, "atelier.yaml") == 0 ||
            strcmp(at->d_name, "atelier.yml") == 0 || strcmp(at->d_name, "contracts") == 0 ||
            strcmp(at->d_name, forgotten_file) == 0)
            continue;
        shop_file *f = &out->files[out->n++];
        f->name = arena_text(&s->keep, "%s", at->d_name);
        f->path = arena_text(&s->keep, "%s/%s", w->shop, at->d_name);
    }
    closedir(dir);
    if (out->n == most_files)
        return refuse(e, "%s has more than %d files: is it a shop's folder?", w->shop, most_files);
    qsort(out->files, (size_t)out->n, sizeof *out->files, by_source); /* by name: no source yet */
    return true;
}

/* Tables of a database stand beside the files. */
static void add_tables(const work *w, arena *keep, shop *out) {
    for (int i = 0; i < out->config.n_tables && out->n < most_files; i++) {
        const config_table *t = &out->config.tables[i];
        out->files[out->n++] = (shop_file){.name = shop_table_name(keep, t),
                                           .path = shop_table_path(w, keep, t),
                                           .source = t->source};
    }
}

static void number(shop *p) {
    for (int i = 0, place = 0; i < p->n; i++) {
        int source = p->files[i].source;
        place = i > 0 && p->files[i - 1].source == source ? place + 1 : 0;
        p->files[i].number = (source < 0 ? 6 : source) * numbers_of_a_source + place;
    }
}

/* Every pattern of atelier.yaml must stand for a file. */
static bool check_patterns(const shop *p, err *e) {
    for (int i = 0; i < p->config.n_files; i++) {
        bool found = false;
        for (int k = 0; k < p->n; k++)
            found = found || fnmatch(p->config.files[i].text, p->files[k].name, 0) == 0;
        if (found || strcmp(p->config.files[i].source, "ignore") == 0) continue;
        refuse(e, "%s names %s for %s, but there is no such file", p->config.path,
               p->config.files[i].text, p->config.files[i].source);
        return fail_cause(e, "no_input");
    }
    return true;
}

static bool refuse_shop(const work *w, const shop *p, err *e) {
    char found[700] = "";
    size_t at = 0;
    for (int i = 0; i < p->n && at + 2 < sizeof found; i++) {
        const shop_file *f = &p->files[i];
        text one = {0};
        text_addf(&one, "%s%s (%s)", i ? ", " : "", f->name,
                  f->source >= 0 ? contract_sources[f->source].source : f->why);
        size_t n = one.n < sizeof found - 1 - at ? one.n : sizeof found - 1 - at;
        memcpy(found + at, one.p, n);
        at += n;
        text_free(&one);
    }
    found[slice_utf8_prefix((slice){found, at})] = 0;
    if (p->n == 0)
        refuse(e, "%s is empty: a shop has a file of transactions or of events at least", w->shop);
    else
        refuse(e, "%s has neither transactions nor events; found: %s", w->shop, found);
    return fail_cause(e, "no_input");
}

bool shop_read(const work *w, scope *s, shop *out, err *e) {
    *out = (shop){0};
    if (!list(w, s, out, e) || !config_read(s, w->shop, &out->config, e) ||
        !check_patterns(out, e))
        return false;
    bool sells = false;
    for (int i = 0; i < out->n; i++) {
        if (!decide(w, &out->config, &out->files[i], s, e)) return false;
        out->n_used += out->files[i].source >= 0;
    }
    add_tables(w, &s->keep, out);
    out->n_used += out->config.n_tables;
    for (int i = 0; i < out->n; i++)
        sells = sells || out->files[i].source == 2 || out->files[i].source == 4;
    qsort(out->files, (size_t)out->n, sizeof *out->files, by_source);
    number(out);
    return sells || refuse_shop(w, out, e);
}
