/* explain: from a result back to the raw lines, read from the files themselves. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "data/folder.h"

static void put_file(scope *s, const char *at, const char *name, const char *content) {
    err e = {0};
    check_ok(file_replace(arena_text(&s->keep, "%s/%s", at, name), slice_of(content), &e), &e);
}

/* A shop of three files and its results up to step datasets. */
static const char *small_shop(scope *s, const char **out) {
    const char *root = check_folder("explain");
    char *shop = arena_text(&s->keep, "%s/shop", root);
    err e = {0};
    check_ok(file_make_folders(shop, &e), &e);
    put_file(s, shop, "articles.csv",
             "article_id,name,description\n07,Dress,\"Long,\nred\"\n8,Shoe,Brown\n7,Other,\n");
    put_file(s, shop, "customers.csv", "customer_id,age\nann,30\nbob,40\n");
    put_file(s, shop, "transactions.csv",
             "time,customer_id,article_id,price\r\n2020-01-01,ann,7,10\r\n2020-01-02,bob,8,20\r\n"
             "2020-01-09,ann,07,9\r\n2020-01-10,zed,8,20\r\n2020-01-11,bob,8,20\r\n");
    *out = arena_text(&s->keep, "%s/out", root);
    check_run r = check_atelier(s, (const char *const[]){"run", shop, "--out", *out, "--to",
                                                         "datasets", NULL});
    if (r.status != 0) print_error("%s\n", r.err.p);
    check(r.status == 0);
    return shop;
}

/* "file:line what" of line i and its raw text. */
static void check_line(const js_node *lines, int i, const char *file, int64_t number,
                       const char *what, const char *raw) {
    slice s;
    int64_t n = 0;
    const js_node *line = js_at(lines, i);
    check(js_text(js_get(line, "file"), &s));
    check_text(s, file);
    check(js_int(js_get(line, "line"), &n) && n == number);
    check(js_text(js_get(line, "what"), &s));
    check_text(s, what);
    check(js_text(js_get(line, "raw"), &s));
    check_text(s, raw);
}

CHECK(explain_shows_the_raw_lines_of_a_pair) {
    scope s;
    err e = {0};
    const char *out;
    int64_t n = 0;
    double revenue = 0;
    check_ok(scope_open(&s, 32 << 20, 1 << 20, &e), &e);
    const char *shop = small_shop(&s, &out);
    check_run r = check_atelier(&s, (const char *const[]){"explain", out, "ann", "007", "--json",
                                                          NULL});
    check(r.status == 0);
    const js_node *root = js_parse(&s, r.out, &e);
    check(root != NULL);
    const js_node *lines = js_get(root, "lines"), *pair = js_get(root, "interactions");
    check(js_int(js_get(pair, "units"), &n) && n == 2);
    check(js_real(js_get(pair, "revenue"), &revenue));
    check_near(revenue, 19, 1e-9); /* exact decimals shown as double */
    check(js_int(js_get(root, "lines_total"), &n) && n == 5 && js_count(lines) == 5);
    check_line(lines, 0, "articles.csv", 2, "article", "07,Dress,\"Long,\nred\"");
    check_line(lines, 1, "articles.csv", 5, "article, merged", "7,Other,");
    check_line(lines, 2, "customers.csv", 2, "customer", "ann,30");
    check_line(lines, 3, "transactions.csv", 2, "sale", "2020-01-01,ann,7,10");
    check_line(lines, 4, "transactions.csv", 4, "sale", "2020-01-09,ann,07,9");

    /* OUT may stand behind the ids as well. */
    check_run behind = check_atelier(&s, (const char *const[]){"explain", "ann", "007", out,
                                                               "--json", NULL});
    check(behind.status == 0);
    check(js_count(js_get(js_parse(&s, behind.out, &e), "lines")) == 5);
    behind = check_atelier(&s, (const char *const[]){"explain", "bob", out, NULL});
    check(behind.status == 0);
    check_has(behind.out, "bob,40");

    /* A file that changed since is not quoted as if it were the one that was read. */
    put_file(&s, shop, "customers.csv", "customer_id,age\neve,30\nbob,40\n");
    r = check_atelier(&s, (const char *const[]){"explain", out, "ann", "7", NULL});
    check(r.status == 0);
    check_has(r.out, "customers.csv is not the file that was read");
    scope_close(&s);
}

CHECK(explain_refuses_what_is_not_there) {
    scope s;
    err e = {0};
    const char *out;
    check_ok(scope_open(&s, 32 << 20, 1 << 20, &e), &e);
    small_shop(&s, &out);
    check_run r = check_atelier(&s, (const char *const[]){"explain", out, "nobody", NULL});
    check(r.status == 2);
    check_has(r.err, "no customer or article 'nobody'");
    r = check_atelier(&s, (const char *const[]){"explain", out, "ann", "99", NULL});
    check(r.status == 2);
    check_has(r.err, "no article '99'");
    r = check_atelier(&s, (const char *const[]){"explain", "build/no-such-folder", "ann", NULL});
    check(r.status == 2);
    check_has(r.err, "no folder build/no-such-folder");
    scope_close(&s);
}
