/* rfm: names of the 125 cells, the window, one's own names, cut points that are kept. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "models/segment/rfm_map.h"

CHECK(rfm_maps_cover_all_cells) {
    rfm_map own, given = rfm_map_default(), shop = rfm_map_shopify();
    int64_t cell[RFM_CELLS];
    slice name[RFM_CELLS];
    int used[10] = {0};
    err e = {0};
    check(given.n == RFM_NAMES && shop.n == 10);
    for (int i = 0; i < RFM_CELLS; i++) {
        rfm_score s = {i / 25 + 1, i / 5 % 5 + 1, i % 5 + 1, 0};
        check(rfm_map_name(&given, s) == rfm_name(s.recency, s.frequency, s.money));
        used[rfm_map_name(&shop, s)]++;
        cell[i] = s.recency * 100 + s.frequency * 10 + s.money;
        name[i] = s.recency > 3 ? SLICE("here") : SLICE("gone");
    }
    for (int i = 0; i < 10; i++) check(used[i] > 0);
    static const struct {
        rfm_score score;
        const char *name;
    } wanted[] = {{{5, 5, 5, 0}, "Champions"}, {{5, 1, 2, 0}, "New"},
                  {{4, 4, 4, 0}, "Loyal"},     {{4, 2, 2, 0}, "Promising"},
                  {{5, 3, 3, 0}, "Active"},    {{3, 3, 3, 0}, "Needs attention"},
                  {{1, 5, 4, 0}, "Previously loyal"}, {{2, 4, 4, 0}, "At risk"},
                  {{2, 1, 1, 0}, "Almost lost"},      {{1, 1, 1, 0}, "Dormant"}};
    for (int i = 0; i < 10; i++)
        check(slice_is(shop.name[rfm_map_name(&shop, wanted[i].score)], wanted[i].name));
    check_ok(rfm_map_own(&own, cell, name, RFM_CELLS, &e), &e);
    check(own.n == 2 && rfm_map_name(&own, (rfm_score){4, 1, 1, 0}) == 1);
    check(!rfm_map_own(&own, cell, name, 124, &e));
    check_has(slice_of(e.text), "cell 555 has no name");
    e = (err){0};
    cell[3] = cell[2];
    check(!rfm_map_own(&own, cell, name, RFM_CELLS, &e));
    check_has(slice_of(e.text), "cell 113 has two names");
    e = (err){0};
    cell[3] = 160;
    check(!rfm_map_own(&own, cell, name, RFM_CELLS, &e));
    check_has(slice_of(e.text), "cell 160: a cell is three digits from 1 to 5");
}

static char *file(scope *s, const char *folder, const char *name, const char *rows) {
    char *path = arena_text(&s->keep, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fputs(rows, out);
    fclose(out);
    return path;
}

CHECK(rfm_verb_has_a_window_names_and_kept_cuts) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    const char *folder = check_folder("rfm-window");
    char *path = file(&s, folder, "tx.csv", "customer,date,money\nann,2020-01-01,50\n"
                      "ann,2020-12-01,10\nann,2020-12-20,20\nbob,2020-02-01,70\n");
    char *cuts = arena_text(&s.keep, "%s/cuts.csv", folder);
    /* as of 2020-12-21; thirty days hold ann's last two orders, and none of bob's */
    const char *window[] = {"rfm", "--in", path, "--window", "30d", "--names", "shopify", "--cuts",
                            cuts, NULL};
    check_run r = check_atelier(&s, window);
    check(r.status == 0);
    check_has(r.out, "\nann,1,2,30,");
    check_has(r.out, "\nbob,324,0,0,");
    /* cuts of the two: days 1, 1, 324, 324, money 0, 0, 30, 30, order days the fixed 1, 2, 4, 9 */
    check_has(r.out, "ann,1,2,30,5,2,3,Active\n");
    check_has(r.out, "bob,324,0,0,3,1,1,Promising\n");
    /* another table is scored by the cuts that were kept */
    char *later = file(&s, folder, "later.csv", "customer,date,money\neve,2020-01-01,5\n"
                       "eve,2020-01-02,5\neve,2020-01-03,5\n");
    const char *kept[] = {"rfm", "--in", later, "--cuts", cuts, NULL};
    r = check_atelier(&s, kept);
    check_has(r.out, "\neve,1,3,15,5,3,3,");
    const char *fresh[] = {"rfm", "--in", later, NULL};
    r = check_atelier(&s, fresh);
    check_has(r.out, "\neve,1,3,15,5,3,1,"); /* by herself she is the lowest of all */
    char *few = file(&s, folder, "cells.csv", "cell,name\n111,Lost\n");
    const char *own[] = {"rfm", "--in", path, "--cells", few, NULL};
    r = check_atelier(&s, own);
    check(r.status == 2);
    check_has(r.err, "cells.csv: cell 112 has no name");
    const char *wrong[] = {"rfm", "--in", path, "--window", "soon", NULL};
    r = check_atelier(&s, wrong);
    check(r.status == 2);
    check_has(r.err, "--window must be a number of days like 365d, or all, got 'soon'");
    char *bad = file(&s, folder, "bad.csv", "measure,cut_1,cut_2,cut_3,cut_4\nage,1,2,3,4\n");
    const char *read[] = {"rfm", "--in", path, "--cuts", bad, NULL};
    r = check_atelier(&s, read);
    check(r.status == 2);
    check_has(r.err, "row 1: measure 'age' is not one of recency_days");
    scope_close(&s);
}

/* One row in a thousand whose clock stood at 2099 does not make every customer a lost one. */
CHECK(rfm_verb_leaves_out_days_far_off_all_others) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    char *path = arena_text(&s.keep, "%s/tx.csv", check_folder("rfm-slips"));
    FILE *out = fopen(path, "wb");
    check(out != NULL);
    fputs("customer,date,money\nzoe,2099-12-31,5\n", out);
    for (int i = 0; i < 1200; i++) fprintf(out, "c%d,2020-03-%02d,10\n", i % 40, 1 + i % 30);
    fclose(out);
    check_run r = check_atelier(&s, (const char *[]){"rfm", "--in", path, "--json", NULL});
    check(r.status == 0);
    check_has(r.out, "\"days_far_off\": 1");
    check_has(r.out, "\"as_of\": \"2020-03-31\"");
    check_has(r.out, "\"customers\": 40");
    check_has(r.err, "1 rows lie more than a year before 2020-03-01 or after 2020-03-30");
    scope_close(&s);
}
