/* explain: from a result back to the raw lines, read from the files themselves. */
#include "check.h"

#include <string.h>

#include "base/json.h"
#include "data/folder.h"
#include "pipeline/bundle.h"
#include "whole_run.h"

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

static double real(const js_node *n, const char *key) {
    double value = -1e9;
    check(js_real(js_get(n, key), &value));
    return value;
}

/* True when line `number` of the file speaks of the article. */
static bool line_names(scope *s, const char *shop, const js_node *line, slice article) {
    slice file, bytes;
    int64_t number = 0, at = 1;
    err e = {0};
    check(js_text(js_get(line, "file"), &file) && js_int(js_get(line, "line"), &number));
    const char *path = arena_text(&s->keep, "%s/%.*s", shop, (int)file.n, file.p);
    check_ok(file_read(path, s, 64 << 20, &bytes, &e), &e);
    const char *from = bytes.p, *end = bytes.p + bytes.n;
    for (; at < number && from < end; at++)
        from = (const char *)memchr(from, '\n', (size_t)(end - from)) + 1;
    const char *stop = memchr(from, '\n', (size_t)(end - from));
    return memmem(from, (size_t)(stop - from), article.p, article.n) != NULL;
}

/* One pair of a whole run: the parts add up to the served score, each source's score to what the
 * past purchases and the rest give, and the lines named are those of the purchases. */
static int check_pair(scope *s, const char *shop, const char *out, slice customer, slice article) {
    const char *who = slice_copy(&s->keep, customer), *what = slice_copy(&s->keep, article);
    err e = {0};
    const char *const argv[] = {"explain", who, what, out, "--json", NULL};
    check_run r = check_atelier(s, argv);
    if (r.status != 0) print_error("%s\n", r.err.p);
    check(r.status == 0);
    const js_node *root = js_get(js_parse(s, r.out, &e), "recommendation");
    const js_node *parts = js_get(root, "contributions"), *past = js_get(root, "past");
    const js_node *sources = js_get(root, "sources");
    double sum = 0;
    int lines = 0;
    for (int64_t i = 0; i < js_count(parts); i++) sum += real(js_at(parts, i), "value");
    check_near(sum, real(root, "score"), 1e-4); /* parts are floats of size 10 */
    check(js_count(sources) == RECOMMEND_SOURCES);
    for (int64_t i = 0; i < js_count(sources); i++) {
        slice name, is;
        double all = real(js_at(sources, i), "not_from_purchases");
        check(js_text(js_get(js_at(sources, i), "name"), &name));
        for (int64_t p = 0; p < js_count(past); p++) {
            const js_node *of = js_get(js_at(past, p), "sources");
            for (int64_t k = 0; k < js_count(of); k++)
                if (js_text(js_get(js_at(of, k), "name"), &is) && slice_compare(is, name) == 0)
                    all += real(js_at(of, k), "value");
        }
        double score = real(js_at(sources, i), "score");
        check_near(all, score, 1e-5 * (1 + score));
        /* these know nothing but purchases: float sums in another order */
        if (slice_is(name, "content") || slice_is(name, "together") || slice_is(name, "next") ||
            slice_is(name, "own"))
            check_near(real(js_at(sources, i), "not_from_purchases"), 0, 1e-4 * (1 + score));
    }
    for (int64_t p = 0; p < js_count(past); p++) {
        slice id;
        const js_node *of = js_get(js_at(past, p), "lines");
        check(js_text(js_get(js_at(past, p), "id"), &id) && js_count(of) > 0);
        check(p >= 2 || line_names(s, shop, js_at(of, 0), id));
        lines += (int)js_count(of);
    }
    return lines;
}

CHECK(explain_tells_the_whole_of_a_served_score) {
    scope s;
    err e = {0};
    int lines = 0;
    check_ok(scope_open(&s, 1 << 30, 1 << 20, &e), &e);
    const char *shop = whole_run_see()->shop, *out = whole_run_see()->out;
    bundle *b;
    check_ok(bundle_open(&b, out, &e), &e);
    const bundle_recommend *l = &b->recommend;
    int pairs = 0;
    for (int64_t c = 0; c < b->customers && pairs < 3; c++) {
        if (l->history.at[c + 1] - l->history.at[c] < 5) continue;
        int64_t at = c * l->k + 7 * pairs++;
        lines += check_pair(&s, shop, out, bundle_text(&b->customer_id, c),
                            bundle_text(&b->article_id, l->items[at]));
    }
    check(pairs == 3 && lines >= 15);
    bundle_close(b);
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
