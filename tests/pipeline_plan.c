/* plan: the story of the ten steps holds together. */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "data/folder.h"
#include "pipeline/plan.h"
#include "shop.h"
#include "whole_run.h"

/* True when `word` is one of the space-separated words of the list. */
static bool has_word(const char *list, slice word) {
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, " ");
        if (n == word.n && memcmp(at, word.p, n) == 0) return true;
        at += n + (at[n] == ' ');
    }
    return false;
}

CHECK(plan_reads_only_what_earlier_steps_wrote) {
    for (int i = 0; i < 10; i++)
        for (const char *at = plan[i]->reads; *at;) {
            size_t n = strcspn(at, " ");
            bool written = false;
            for (int j = 0; j < i; j++)
                written = written || has_word(plan[j]->writes, (slice){at, n});
            if (n > 0 && !written)
                print_error("%s reads %.*s, which no earlier step writes\n", plan[i]->word, (int)n,
                            at);
            check(n == 0 || written);
            at += n + (at[n] == ' ');
        }
}

/* Tables and pages of the steps before the last, which gathers them; models are named apart. */
CHECK(plan_names_every_table_and_page_that_a_run_leaves) {
    const char *out = whole_run_see()->out;
    for (int i = 0; i < 9; i++) {
        char path[256], stem[128];
        int named = 0;
        snprintf(path, sizeof path, "%s/%s_%s", out, plan[i]->number, plan[i]->word);
        DIR *dir = opendir(path);
        check(dir != NULL);
        for (struct dirent *at; (at = readdir(dir)) != NULL;) {
            const char *dot = strrchr(at->d_name, '.');
            if (!dot || at->d_name[0] == '.') continue;
            if (strcmp(at->d_name, "manifest.json") == 0 || strcmp(at->d_name, "parts.json") == 0)
                continue;
            bool table = strcmp(dot, ".parquet") == 0;
            if (!table && strcmp(dot, ".json") != 0 && strcmp(dot, ".html") != 0) continue;
            snprintf(stem, sizeof stem, "%.*s", table ? (int)(dot - at->d_name) : 127, at->d_name);
            if (!has_word(plan[i]->writes, slice_of(stem)))
                print_error("%s writes %s, which the plan does not name\n", plan[i]->word, stem);
            check(has_word(plan[i]->writes, slice_of(stem)));
            named++;
        }
        closedir(dir);
        check(named > 0);
    }
}

CHECK(plan_names_match_the_sql_folders) {
    for (int i = 0; i < embed_count; i++) {
        const char *path = embed_files[i].path;
        if (strncmp(path, "sql/", 4) != 0 || !strchr(path + 4, '/')) continue;
        bool known = false;
        for (int k = 0; k < 10; k++) {
            char folder_name[64];
            snprintf(folder_name, sizeof folder_name, "sql/%s_%s/", plan[k]->number, plan[k]->word);
            known = known || strncmp(path, folder_name, strlen(folder_name)) == 0;
        }
        if (!known) print_error("%s belongs to no step\n", path);
        check(known);
    }
}

static double no_clock(void) { return 0; }

/* Tables of an older program, without columns that are read today: a sentence, not SQL alone. */
CHECK(plan_from_a_step_says_when_earlier_ones_are_of_another_version) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 1 << 20, &e), &e);
    work w = shop_open(&s, "plan-older", 1);
    plan_result results[10];
    plan_watch watch = {.clock = no_clock};
    static const char *const steps[] = {"01_raw", "02_clean"};
    for (int i = 0; i < 2; i++) {
        const char *made = arena_text(&s.keep, "%s/%s", w.out, steps[i]);
        check_ok(file_make_folders(made, &e), &e);
        const char *manifest = arena_text(&s.keep, "%s/manifest.json", made);
        check_ok(file_replace(manifest, SLICE("{}"), &e), &e);
    }
    for (const char *at = plan[2]->reads; *at;) {
        size_t n = strcspn(at, " ");
        shop_sql(&w, "COPY (SELECT 1 AS nothing) TO '%s/02_clean/%.*s.parquet'", w.out, (int)n, at);
        at += n + (at[n] == ' ');
    }
    check(!plan_run(&w, 2, 2, results, &watch, &e) && e.kind == ERR_WENT_WRONG);
    check_has(slice_of(e.text), "are of another version of the program; run without --from: ");
    check_has(slice_of(e.text), "Binder Error");
    scope_close(&s);
}

CHECK(plan_finds_steps_by_word_and_number) {
    int at;
    err e = {0};
    check(plan_find("datasets", &at, &e) && at == 2 && plan_find("03", &at, &e) && at == 2);
    check(plan_find("10", &at, &e) && at == 9 && !plan_find("0", &at, &e));
    check(e.kind == ERR_ASKED_WRONG);
}

static void end_pool(void *what) { pool_close(what); }

static void no_watch(void *what, const stage *step, const plan_result *result) {
    (void)what, (void)step, (void)result;
}

/* Somebody adds a sale as soon as the file was read. */
static void add_sale(void *what, const char *line) {
    FILE *f = strstr(line, "sales.csv: ") ? fopen(what, "ab") : NULL;
    if (!f) return;
    fputs("2020-01-02,c1,a2,3.00\n", f);
    fclose(f);
}

CHECK(plan_refuses_a_source_that_changed_while_it_was_read) {
    scope s;
    err e = {0}, again = {0};
    plan_result results[10];
    plan_watch watch = {.clock = no_clock, .done = no_watch};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    work w = shop_open(&s, "plan-changing", 1);
    const char *shop = check_folder("plan-changing-shop");
    char *sales = arena_text(&s.keep, "%s/sales.csv", shop);
    check_ok(file_replace(sales, SLICE("date,customer_id,article_id,price\n"
                                       "2020-01-01,c1,a1,2.00\n"), &e), &e);
    w.shop = shop;
    w.progress = (progress){.what = sales, .say = add_sale};
    check((w.threads = pool_open(1, 1 << 20, &e)) != NULL);
    scope_defer(&s, end_pool, w.threads);
    check(!plan_run(&w, 0, 0, results, &watch, &e) && e.kind == ERR_WENT_WRONG);
    check_text(slice_of(e.cause), "temporary");
    check_has(slice_of(e.text), "sales.csv changed while it was read; run again");
    check(!file_exists(arena_text(&s.keep, "%s/01_raw", w.out)));
    w.progress = (progress){0};
    check_ok(plan_run(&w, 0, 0, results, &watch, &again), &again);
    check(shop_count(&w, "SELECT count(*) FROM raw_transactions") == 2);
    scope_close(&s);
}
