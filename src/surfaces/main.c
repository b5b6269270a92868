/* main: the one table of verbs, help, version, and how every run ends. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/kernels.h"
#include "surfaces/verbs.h"

#define VERSION "0.1.0"

static const verb *const verbs[] = {
    &verb_demo, &verb_validate, &verb_run, &verb_serve, &verb_plan, &verb_explain, &verb_doctor,
    &verb_runs, &verb_compare, &verb_track, &verb_sync,
    &verb_quarantine, &verb_forget, &verb_init, &verb_export,
    &verb_recommend, &verb_sentiment, &verb_forecast, &verb_segment, &verb_rfm, &verb_funnel,
    &verb_sessions, &verb_paths, &verb_trends, &verb_elasticity, &verb_markdown, &verb_affinity,
    &verb_evaluate, &verb_embed, &verb_aspects, &verb_topics, &verb_toxicity, &verb_clv,
    &verb_tune, &verb_assortment, &verb_impact,
};
enum { N_VERBS = sizeof verbs / sizeof verbs[0] };

static void print(FILE *to, slice s) { fwrite(s.p, 1, s.n, to); }

static void help_all(text *to) {
    static const char *const groups[][2] = {
        {"shop", "A shop's folder, from raw files to a served dashboard:"},
        {"table", "One model on one table of yours (--in FILE, --out FILE):"}};
    text_addf(to, "atelier turns a fashion shop's files into recommendations, review insight,\n"
                  "forecasts, segments, funnels and insight.\n\n"
                  "  Example:  atelier demo shop && atelier run shop && atelier serve atelier-out"
                  "\n\n");
    for (int g = 0; g < 2; g++) {
        text_addf(to, "%s\n", groups[g][1]);
        for (int i = 0; i < N_VERBS; i++) {
            if (strcmp(verbs[i]->group, groups[g][0]) != 0) continue;
            char left[40];
            snprintf(left, sizeof left, "%s %s", verbs[i]->name, verbs[i]->words);
            text_addf(to, "  %-26s %s\n", left, verbs[i]->title);
        }
        text_add_char(to, '\n');
    }
    text_addf(to, "atelier VERB --help shows a verb's options and an example.\n"
                  "Exit status: 0 done, 1 the world failed, 2 asked wrongly.\n");
}

static const verb *verb_find(const char *word, err *e) {
    const char *names[N_VERBS];
    for (int i = 0; i < N_VERBS; i++) {
        names[i] = verbs[i]->name;
        if (strcmp(word, names[i]) == 0) return verbs[i];
    }
    const char *near = slice_nearest(slice_of(word), names, N_VERBS);
    refuse(e, "atelier has no verb '%s'%s%s%s; see atelier --help", word,
           near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return NULL;
}

static bool asks(int argc, char **argv, const char *word) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], word) == 0) return true;
    return false;
}

/* Runs one verb; with --json the document is printed whole at the end, or not at all. */
static bool run_verb(const verb *v, int argc, char **argv, scope *s, err *e) {
    const args *a = args_parse(v, argc, argv, s, e);
    if (!a) return false;
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    js_open(out, s);
    out->indent = true;
    js_object(out, NULL);
    js_putf(out, "schema", "atelier.%s/1", v->name);
    if (!v->run(a, s, out, e)) return false;
    if (!args_json(a) || out->depth == 0) return true;
    js_end(out);
    text_add_char(&out->out, '\n');
    print(stdout, text_slice(&out->out));
    return true;
}

static int explain_failure(const err *e, bool as_json, scope *s) {
    int code = e->kind == ERR_ASKED_WRONG ? 2 : 1;
    fprintf(stderr, "atelier: %s\n", e->text);
    if (!as_json) return code;
    js *out = take(&s->keep, js, 1); /* as long as s, which frees its text */
    js_open(out, s);
    js_object(out, NULL);
    js_put_word(out, "schema", "atelier.error/1");
    js_object(out, "error");
    js_put_word(out, "cause", e->cause);
    js_put_word(out, "text", e->text);
    js_put_int(out, "exit", code);
    js_end(out);
    js_end(out);
    text_add_char(&out->out, '\n');
    print(stdout, text_slice(&out->out));
    return code;
}

static int act(int argc, char **argv, scope *s) {
    err e = {0};
    text *help = take(&s->keep, text, 1); /* as long as s, which frees it */
    text_open(help, s);
    const char *first = argc > 1 ? argv[1] : "--help";
    if (strcmp(first, "--version") == 0) {
        printf("atelier %s (%.12s)\n", VERSION, embed_build);
        return 0;
    }
    bool about_all = strcmp(first, "--help") == 0 || strcmp(first, "help") == 0;
    if (about_all && argc < 3) {
        help_all(help);
        print(stdout, text_slice(help));
        return 0;
    }
    const verb *v = verb_find(about_all ? argv[2] : first, &e);
    if (v && (about_all || asks(argc, argv, "--help"))) {
        args_help(v, help);
        print(stdout, text_slice(help));
        return 0;
    }
    if (v && run_verb(v, argc - 2, argv + 2, s, &e)) {
        if (fflush(stdout) == 0 && !ferror(stdout)) return args_is_wrong();
        fail_file(&e, "write", "standard output");
    }
    return explain_failure(&e, asks(argc, argv, "--json"), s);
}

static bool wants_json;

/* Says so without asking for memory: explain_failure would. */
static void end_without_memory(size_t bytes) {
    dprintf(STDERR_FILENO, "atelier: out of memory: no room for %zu more bytes\n", bytes);
    if (wants_json)
        dprintf(STDOUT_FILENO, "{\"schema\": \"atelier.error/1\", \"error\": {\"cause\": "
                               "\"out_of_memory\", \"text\": \"out of memory: no room for %zu more "
                               "bytes\", \"exit\": 1}}\n", bytes);
    _exit(1);
}

int main(int argc, char **argv) {
    scope s;
    err e = {0};
    signal(SIGPIPE, SIG_IGN);
    wants_json = asks(argc, argv, "--json");
    out_of_memory_ends(end_without_memory);
    kernels_start();
    /* Address space, not memory: pages cost when touched. */
    if (!scope_open(&s, (size_t)24 << 30, (size_t)8 << 30, &e)) {
        fprintf(stderr, "atelier: %s\n", e.text);
        return 1;
    }
    int code = act(argc, argv, &s);
    scope_close(&s);
    return code;
}
