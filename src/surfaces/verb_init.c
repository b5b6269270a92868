/* verb_init: looks at a folder of unknown files and writes a first atelier.yaml, doubts and all. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "pipeline/shop.h"
#include "pipeline/shop_guess.h"
#include "surfaces/verbs.h"

enum { MOST_FILES = 4096 };

typedef struct guesses {
    int n;
    shop_guess *at; /* [n] in the order of the names */
} guesses;

static const char *const how_words[] = {"none", "known", "by its name", "by its values"};

/* ---- looking ---- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool look(const char *root, db *d, scope *s, guesses *g, err *e) {
    const char **names = take(&s->keep, const char *, MOST_FILES);
    DIR *dir = opendir(root);
    if (!dir) return fail_file(e, "open folder", root);
    for (struct dirent *at; (at = readdir(dir)) != NULL && g->n < MOST_FILES;)
        if (at->d_name[0] != '.' && shop_is_table(at->d_name))
            names[g->n++] = arena_text(&s->keep, "%s", at->d_name);
    closedir(dir);
    qsort(names, (size_t)g->n, sizeof *names, by_name);
    g->at = take(&s->keep, shop_guess, g->n);
    for (int i = 0; i < g->n; i++)
        if (!shop_guess_file(d, root, names[i], s, &g->at[i], e)) return false;
    if (g->n > 0) return true;
    refuse(e, "%s has no .csv, .tsv, .txt or .parquet file to look at", root);
    return fail_cause(e, "no_input");
}

/* A source that some file's columns are guessed for has one map, so files of it that are known by
 * themselves, or are guessed otherwise, are left for the reader of the mapping to decide on. */
static int first_guessed(const guesses *g, int source) {
    for (int i = 0; i < g->n; i++)
        if (g->at[i].source == source && !g->at[i].known && g->at[i].missing == 0) return i;
    return -1;
}

static bool is_named(const guesses *g, int i) {
    const shop_guess *one = &g->at[i];
    if (one->source < 0 || one->missing > 0) return false;
    int first = first_guessed(g, one->source);
    return one->known ? first < 0 : first == i;
}

/* ---- atelier.yaml ---- */

/* 'it''s': any text as YAML. */
static void put_yaml(text *to, slice s) {
    text_add_char(to, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'') text_add_char(to, '\'');
        text_add_char(to, (unsigned char)s.p[i] < 32 ? ' ' : s.p[i]);
    }
    text_add_char(to, '\'');
}

static void write_sources(const guesses *g, text *to) {
    text_addf(to, "sources:\n");
    for (int source = 0; source < 6; source++) {
        int n = 0;
        for (int i = 0; i < g->n; i++) {
            if (g->at[i].source != source || !is_named(g, i)) continue;
            if (n++ == 0) text_addf(to, "  %s: [", contract_sources[source].source);
            else text_addf(to, ", ");
            put_yaml(to, slice_of(g->at[i].file));
        }
        if (n) text_addf(to, "]\n");
    }
}

static void write_columns(const shop_guess *one, text *to) {
    const contract *c = &contract_sources[one->source];
    text_addf(to, "  %s: # %s\n", c->source, one->file);
    for (int k = 0; k < c->n; k++) {
        int h = one->header_of[k];
        if (one->how[k] == GUESS_NONE) continue;
        text_addf(to, "    %s%s: ", one->how[k] == GUESS_KNOWN ? "# " : "", c->columns[k].name);
        put_yaml(to, one->headers[h]);
        text_addf(to, " # %s%s\n", one->how[k] == GUESS_KNOWN ? "" : "a guess ",
                  how_words[one->how[k]]);
    }
}

static void write_doubts(const guesses *g, int i, text *to) {
    const shop_guess *one = &g->at[i];
    if (is_named(g, i)) return;
    text_addf(to, "# %s: ", one->file);
    if (one->source < 0) {
        text_addf(to, "not used: %.300s\n", one->why);
        return;
    }
    const contract *c = &contract_sources[one->source];
    if (one->missing == 0) {
        text_addf(to, "looks like %s too, but its headers are others than those mapped above\n",
                  c->source);
        return;
    }
    text_addf(to, "looks like %s, but nothing was found for", c->source);
    for (int k = 0; k < c->n; k++)
        if (c->columns[k].required && one->header_of[k] < 0)
            text_addf(to, " %s (%s)", c->columns[k].name, contract_type_word(c->columns[k].type));
    text_addf(to, "; its headers:");
    for (int h = 0; h < one->n && h < 40; h++) {
        text_addf(to, "%s", h ? ", " : " ");
        put_yaml(to, one->headers[h]);
    }
    text_addf(to, "\n");
}

static void write_yaml(const guesses *g, text *to) {
    bool any = false;
    text_addf(to, "# A first mapping by atelier init: look at every guess before you run.\n"
                  "# Headers that are not named here are matched as docs/contracts.md says.\n");
    for (int i = 0; i < g->n && !any; i++) any = is_named(g, i);
    if (any) write_sources(g, to);
    any = false;
    for (int source = 0; source < 6; source++) {
        int i = first_guessed(g, source);
        if (i < 0) continue;
        if (!any) text_addf(to, "columns:\n");
        any = true;
        write_columns(&g->at[i], to);
    }
    for (int i = 0; i < g->n; i++) write_doubts(g, i, to);
}

/* ---- what is said ---- */

static void say_file(const shop_guess *one, bool named, js *out, bool quiet) {
    const contract *c = one->source < 0 ? NULL : &contract_sources[one->source];
    int guessed = 0;
    js_object(out, NULL);
    js_put_word(out, "file", one->file);
    js_put_word(out, "source", c ? c->source : NULL);
    js_put_bool(out, "known", one->known);
    js_put_bool(out, "named", named);
    js_put_word(out, "why", one->why);
    js_array(out, "columns");
    for (int k = 0; c && k < c->n; k++) {
        bool found = one->header_of[k] >= 0;
        if (!found && !c->columns[k].required) continue;
        js_object(out, NULL);
        js_put_word(out, "column", c->columns[k].name);
        if (found) js_put_text(out, "header", one->headers[one->header_of[k]]);
        else js_put_null(out, "header");
        js_put_word(out, "how", how_words[one->how[k]]);
        js_end(out);
        guessed += one->how[k] > GUESS_KNOWN;
    }
    js_end(out);
    js_end(out);
    if (quiet) return;
    printf("%-32s %-14s ", one->file, c ? c->source : "(none)");
    if (!c) printf("%.100s\n", one->why);
    else if (one->missing) printf("%d needed columns not found\n", one->missing);
    else if (one->known) printf("known by its headers\n");
    else printf("%d columns guessed%s\n", guessed, named ? "" : "; another file is mapped");
}

/* ---- the command ---- */

static bool run(const args *a, scope *s, js *out, err *e) {
    const char *root = args_word(a, 0);
    static const char *const taken[] = {"atelier.yaml", "atelier.yml"};
    guesses g = {0};
    db *d;
    for (int i = 0; i < 2; i++)
        if (file_exists(arena_text(&s->keep, "%s/%s", root, taken[i])))
            return refuse(e, "%s/%s is there already and stays as it is", root, taken[i]);
    if (!file_exists(root)) {
        refuse(e, "there is no folder %s", root);
        return fail_cause(e, "no_input");
    }
    const char *spill = arena_text(&s->keep, "/tmp/atelier-%d", (int)getpid());
    if (!db_open(&d, (db_params){1, verb_memory_mb(), spill}, e)) return false;
    scope_defer(s, db_close, d);
    if (!look(root, d, s, &g, e)) return false;
    js_array(out, "files");
    for (int i = 0; i < g.n; i++) say_file(&g.at[i], is_named(&g, i), out, args_json(a));
    js_end(out);
    text *yaml = take(&s->keep, text, 1);
    text_open(yaml, s);
    write_yaml(&g, yaml);
    const char *path = arena_text(&s->keep, "%s/%s", root, taken[0]);
    js_put_word(out, "written", path);
    if (!file_replace(path, text_slice(yaml), e)) return false;
    if (!args_json(a))
        printf("\nwritten to %s: look at its guesses, then atelier validate %s\n", path, root);
    return true;
}

static const option options[] = {{0}};

const verb verb_init = {"init",
                        "SHOP",
                        "shop",
                        "Look at unknown files and write a first atelier.yaml.",
                        "atelier init my-shop",
                        1,
                        1,
                        options,
                        run};
