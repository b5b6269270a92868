/* quarantine: what a run set aside is counted, shown, mended and taken in again, and adds up. */
#include "check.h"

#include <string.h>

#include "check_json.h"
#include "data/folder.h"

static const char *root, *shop, *out;

static check_run run(scope *s) {
    return check_atelier(s, (const char *const[]){"run", shop, "--out", out, "--to", "clean",
                                                  "--json", NULL});
}

/* Four bad rows of sales: two in reading (lines 3 and 5), two in cleaning (articles unknown). */
static void make(scope *s, const char *name) {
    err e = {0};
    check_ok(scope_open(s, 64 << 20, 1 << 20, &e), &e);
    root = check_folder(name);
    shop = arena_text(&s->keep, "%s/shop", root);
    out = arena_text(&s->keep, "%s/out", root);
    check_ok(file_make_folders(shop, &e), &e);
    write_file(s, shop, "articles.csv", "article_id,name\n1,Dress\n2,Shoe\n3,Hat\n");
    write_file(s, shop, "sales.csv", "date,customer,article,price\n"
                                     "2020-01-01,ann,1,10\n"
                                     "2020-01-02,bob,2,ten\n"
                                     "2020-01-02,bob,9,20\n"
                                     "2020-01-03,ann\n"
                                     "2020-01-04,cat,8,5\n"
                                     "2020-01-05,cat,3,7\n"
                                     "2020-01-06,dan,1,7\n"
                                     "2020-01-06,dan,2,7\n");
    check(run(s).status == 0);
}

static const js_node *say(scope *s, const char *const *more) {
    const char *argv[16] = {"quarantine", more[0], out, "--json"};
    int n = 4;
    for (int i = 1; more[i]; i++) argv[n++] = more[i];
    return run_json(s, argv);
}
#define SAY(s, ...) say((s), (const char *const[]){__VA_ARGS__, NULL})

CHECK(quarantine_lists_and_shows_rows) {
    scope s;
    make(&s, "quarantine_show");
    const js_node *all = SAY(&s, "list"), *groups = js_get(all, "groups");
    check(real_of(all, "rows") == 4 && js_count(groups) == 3);
    check_text(text_of(js_at(groups, 0), "rule"), "not_a_number");
    check_text(text_of(js_at(groups, 0), "step"), "raw");
    check_text(text_of(js_at(groups, 0), "column"), "price");
    check_text(text_of(js_at(groups, 0), "observed"), "ten");
    check(real_of(js_at(groups, 0), "line") == 3 && real_of(js_at(groups, 0), "rows") == 1);
    check_text(text_of(js_at(groups, 1), "rule"), "short_row");
    check_text(text_of(js_at(groups, 2), "step"), "clean");
    check(real_of(js_at(groups, 2), "rows") == 2);

    const js_node *rows = SAY(&s, "show", "--step", "raw", "--file", "sales.csv");
    check(real_of(rows, "rows_total") == 2 && js_count(js_get(rows, "rows")) == 2);
    check_text(text_of(js_at(js_get(rows, "rows"), 1), "raw"), "2020-01-03,ann");
    rows = SAY(&s, "show", "--limit", "1");
    check(real_of(rows, "rows_total") == 4 && js_count(js_get(rows, "rows")) == 1);
    rows = SAY(&s, "show", "--rule", "short_row");
    check(real_of(rows, "rows_total") == 1);

    check_run r = check_atelier(&s, (const char *const[]){"quarantine", "shwo", out, NULL});
    check(r.status == 2);
    check_has(r.err, "did you mean show?");
    r = check_atelier(&s, (const char *const[]){"quarantine", "list", shop, NULL});
    check(r.status == 2);
    check_has(r.err, "holds no results of step raw");
    scope_close(&s);
}

CHECK(quarantine_replay_judges_the_shop_as_it_is) {
    scope s;
    make(&s, "quarantine_judge");
    write_file(&s, shop, "sales.csv", "date,customer,article,price\n"
                                      "2020-01-01,ann,1,10\n"
                                      "2020-01-02,bob,2,10\n" /* mended */
                                      "2020-01-02,bob,9,20\n"
                                      "2020-01-03,ann,,1\n" /* broken otherwise */
                                      "2020-01-05,cat,3,7\n");
    const js_node *said = SAY(&s, "replay");
    check(real_of(said, "rows") == 4 && real_of(said, "passes") == 2);
    check(real_of(said, "fails") == 2 && real_of(said, "gone") == 0);
    check(real_of(SAY(&s, "list"), "rows") == 4); /* nothing of the run has changed */
    scope_close(&s);
}

CHECK(quarantine_replay_takes_mended_rows_in) {
    scope s;
    err e = {0};
    slice bytes;
    make(&s, "quarantine_mend");
    const char *mend = arena_text(&s.keep, "%s/mend.csv", root);
    const js_node *said = SAY(&s, "show", "--file", "sales.csv", "--to", mend);
    check_text(text_of(said, "written"), mend);
    check(file_read(mend, &s, 1 << 16, &bytes, &e));
    check_text(bytes, "date,customer,article,price\n2020-01-02,bob,2,ten\n2020-01-02,bob,9,20\n"
                      "2020-01-03,ann\n2020-01-04,cat,8,5\n");

    check_ok(file_replace(mend, SLICE("date,customer,article,price\n2020-01-02,bob,2,10\n"
                                      "2020-01-02,bob,3,20\n\n2020-01-03,ann\n"
                                      "2020-01-04,cat,8,5\n"), &e), &e);
    said = SAY(&s, "replay", "--in", mend, "--file", "sales.csv");
    check(real_of(said, "seen") == 5 && real_of(said, "accepted") == 2);
    check(real_of(said, "quarantined") == 2 && real_of(said, "blank") == 1);
    check(real_of(said, "open") == 2);
    check(real_of(js_at(js_get(said, "failing"), 0), "line") == 5);
    check_text(text_of(said, "written"), "sales-replayed.csv");
    check(file_read(arena_text(&s.keep, "%s/sales-replayed.csv", shop), &s, 1 << 16, &bytes, &e));
    check_text(bytes, "date,customer,article,price\n2020-01-02,bob,2,10\n2020-01-02,bob,3,20\n");

    check_run r = run(&s);
    check(r.status == 0);
    const js_node *files = js_get(js_parse(&s, r.out, &e), "files");
    check(js_count(files) == 3);
    check_text(text_of(js_at(files, 1), "path"), "sales-replayed.csv");
    check(real_of(js_at(files, 1), "accepted") == 2 && real_of(js_at(files, 2), "accepted") == 4);

    /* The same rows a second time would be sold twice. */
    r = check_atelier(&s, (const char *const[]){"quarantine", "replay", out, "--in", mend, "--file",
                                                "sales.csv", NULL});
    check(r.status == 2);
    check_has(r.err, "would count twice");
    check_ok(file_replace(mend, SLICE("date,article,customer,price\n2020-01-02,2,bob,10\n"), &e),
             &e);
    r = check_atelier(&s, (const char *const[]){"quarantine", "replay", out, "--in", mend, "--file",
                                                "sales.csv", NULL});
    check(r.status == 2);
    check_has(r.err, "must have the header of sales.csv");
    scope_close(&s);
}
