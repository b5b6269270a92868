/* data page: data.json of a small shop says what became of each row, and how fresh the shop is. */
#include "check.h"

#include "check_json.h"
#include "data/folder.h"

CHECK(data_page_accounts_for_every_file) {
    scope s;
    err e = {0};
    slice bytes;
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *root = check_folder("data_page"), *in = arena_text(&s.keep, "%s/shop", root),
               *out = arena_text(&s.keep, "%s/out", root);
    check_ok(file_make_folders(in, &e), &e);
    write_file(&s, in, "articles.csv", "article_id,name,other\n1,Dress,x\n2,Shoe,y\n");
    write_file(&s, in, "sales.csv", "date,customer,article,price\n2020-01-01,ann,1,10\n\n"
                                    "2020-01-02,bob,2,ten\n2020-01-02,bob,1,20\n"
                                    "2020-01-03,ann,1,5\n"
                                    "2020-01-04,cat,8,5\n2020-01-05,cat,2,5\n2020-01-06,cat,2,5\n");
    write_file(&s, in, "reviews.csv", "article_id,rating,text,date\n1,5,good,2020-01-04\n");
    write_file(&s, in, "till.csv", "till,amount\n1,2\n");
    check_run r = check_atelier(&s, (const char *const[]){"run", in, "--out", out, "--to", "eda",
                                                          NULL});
    if (r.status != 0) check_text(r.err, "");
    check_ok(file_read(arena_text(&s.keep, "%s/05_eda/data.json", out), &s, 1 << 20, &bytes, &e),
             &e);
    const js_node *all = js_parse(&s, bytes, &e), *sales = js_at(js_get(all, "files"), 1);
    check_text(text_of(sales, "file"), "sales.csv");
    check(real_of(sales, "seen") == 8 && real_of(sales, "accepted") == 5);
    check(real_of(sales, "quarantined") == 2 && real_of(sales, "blank") == 1);
    check_text(text_of(js_at(js_get(all, "unused"), 0), "file"), "till.csv");
    const js_node *bad = js_get(all, "quarantine");
    check(js_count(bad) == 2);
    check_text(text_of(js_at(bad, 0), "observed"), "ten");
    check_text(text_of(js_at(bad, 1), "rule"), "article_unknown");
    check(real_of(js_at(bad, 1), "line") == 7);
    const js_node *fresh = js_get(all, "freshness");
    check(js_count(fresh) == 2 && real_of(js_at(fresh, 1), "days_behind") == 2);
    check_text(text_of(js_at(js_get(all, "mapping"), 2), "how"), "unused");
    scope_close(&s);
}
