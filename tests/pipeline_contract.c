/* contracts of a shop held against its rows: findings, quarantine, changed cells, drift. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "check_json.h"
#include "data/folder.h"

#define RUN(s, ...) check_atelier((s), (const char *const[]){__VA_ARGS__, NULL})

static char shop[300], out[300];

#define put(name, bytes) write_file(&s, shop, name, bytes)

/* Ten sales: prices 1 to 10; every third channel is odd; c9 is no customer; one key twice. */
static scope open_shop(const char *name, const char *contract) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    snprintf(shop, sizeof shop, "%s/in", check_folder(name));
    snprintf(out, sizeof out, "build/tests-tmp/%s/out", name);
    char path[400];
    mkdir(shop, 0777);
    snprintf(path, sizeof path, "%s/contracts", shop);
    mkdir(path, 0777);
    put("customers.csv", "customer_id,age\nc1,30\nc2,40\n");
    put("sales.csv", "time,customer_id,article_id,price,channel,order_id\n"
                     "2020-01-01,c1,a1,1,odd,o1\n2020-01-02,c1,a2,2,store,o2\n"
                     "2020-01-03,c2,a1,3,online,o3\n2020-01-04,c2,a2,4,odd,o4\n"
                     "2020-01-05,c1,a1,5,store,o5\n2020-01-06,c2,a2,6,online,o6\n"
                     "2020-01-07,c1,a1,7,odd,o7\n2020-01-08,c9,a2,8,store,o8\n"
                     "2020-01-09,c1,a1,9,online,o1\n2020-01-10,c2,a2,10,odd,x\n");
    put("contracts/transactions.yaml", contract);
    return s;
}

static const char sales[] =
    "columns:\n"
    "  price: {min: 2, max: 9, on_bad: clamp}\n"
    "  channel: {values: [store, online], on_bad: null}\n"
    "  order_id: {pattern: 'o[0-9]+', pii: direct}\n"
    "  customer_id: {references: customers.customer_id}\n"
    "key: [order_id, article_id]\n";

static int64_t number(const js_node *object, const char *key) {
    int64_t n = -1;
    check(js_int(js_get(object, key), &n));
    return n;
}

static const js_node *document(scope *s, check_run r) {
    err e = {0};
    const js_node *n = js_parse(s, r.out, &e);
    check_ok(n, &e);
    return n;
}

static bool says(const js_node *n, const char *key, const char *wanted) {
    return slice_is(text_of(n, key), wanted);
}

static const js_node *file_named(const js_node *top, const char *name) {
    const js_node *files = js_get(top, "files");
    for (int64_t i = 0; i < js_count(files); i++)
        if (says(js_at(files, i), "path", name)) return js_at(files, i);
    return NULL;
}

static const js_node *finding(const js_node *top, const char *rule) {
    const js_node *all = js_get(top, "findings");
    for (int64_t i = 0; i < js_count(all); i++)
        if (says(js_at(all, i), "rule", rule)) return js_at(all, i);
    check_failed(__FILE__, __LINE__, rule);
    return NULL;
}

CHECK(contract_rows_are_counted_set_aside_and_changed) {
    scope s = open_shop("contract", sales);
    check_run r = RUN(&s, "run", shop, "--out", out, "--to", "clean", "--json");
    check(r.status == 0);
    const js_node *file = file_named(document(&s, r), "sales.csv");
    /* set aside: c9 (reference), x (pattern), o1 twice is two articles a1: the second (key) */
    check(number(file, "seen") == 10 && number(file, "accepted") == 7 &&
          number(file, "quarantined") == 3);
    r = RUN(&s, "validate", shop, "--json", "--today", "2020-01-12");
    check(r.status == 0);
    const js_node *top = document(&s, r), *price = finding(top, "contract_range_price"),
                  *channel = finding(top, "contract_values_channel"),
                  *key = finding(top, "contract_key"),
                  *pattern = finding(top, "contract_pattern_order_id");
    check(says(top, "verdict", "warn"));
    check(number(price, "bad") == 2 && number(channel, "bad") == 4 &&
          number(key, "bad") == 1 && number(pattern, "bad") == 1 &&
          number(finding(top, "contract_reference_customer_id"), "bad") == 1);
    const js_node *example = js_at(js_get(price, "examples"), 0);
    check(number(example, "line") == 2 && says(example, "observed", "1.0") &&
          says(example, "file", "sales.csv"));
    /* a cell of direct personal data stays out of reports */
    slice hidden;
    check(!js_text(js_get(js_at(js_get(pattern, "examples"), 0), "observed"), &hidden));
    check(number(js_at(js_get(pattern, "examples"), 0), "line") == 11);
    scope_close(&s);
}

CHECK(contract_that_fails_stops_a_run_and_nothing_is_left) {
    scope s = open_shop("contract-fail", "columns:\n  price: {max: 9, on_bad: fail}\n");
    char path[400];
    check_run r = RUN(&s, "run", shop, "--out", out, "--to", "clean");
    check(r.status == 1);
    check_has(r.err, "contracts/transactions.yaml: 1 of 10 rows of transactions break their "
                     "contract: price is not at most 9");
    snprintf(path, sizeof path, "%s/02_clean", out);
    check(!file_exists(path));
    check(RUN(&s, "validate", shop).status == 1);
    put("contracts/transactions.yaml", "columns:\n  price: {max: 9}\nthresholds: {fail: 0.05}\n");
    check(RUN(&s, "run", shop, "--out", out, "--to", "clean").status == 1); /* a tenth is bad */
    put("contracts/transactions.yaml", "columns:\n  price: {max: 9}\nthresholds: {fail: 0.1}\n");
    check(RUN(&s, "run", shop, "--out", out, "--to", "clean").status == 0);
    put("contracts/transactions.yaml", "rows: {min: 11}\n");
    r = RUN(&s, "run", shop, "--out", out, "--to", "clean");
    check(r.status == 1);
    check_has(r.err, "number of rows is not from 11 to any");
    put("contracts/transactions.yaml", "columns:\n  order_id: {pattern: '(('}\n");
    r = RUN(&s, "run", shop, "--out", out, "--to", "clean");
    check(r.status == 2);
    check_has(r.err, "transactions.yaml:2: the pattern of order_id is no regular expression");
    scope_close(&s);
}

CHECK(contract_freshness_and_drift_against_the_last_run) {
    scope s = open_shop("contract-drift",
                        "freshness: {column: time, warn_days: 1, fail_days: 5}\n");
    check(RUN(&s, "run", shop, "--out", out, "--to", "clean").status == 0);
    check_run r = RUN(&s, "validate", shop, "--against", out, "--today", "2020-01-11", "--json");
    const js_node *top = document(&s, r);
    check(r.status == 0 && number(top, "fail") == 0 && number(top, "warn") == 1); /* c9 */
    r = RUN(&s, "validate", shop, "--against", out, "--today", "2020-01-12", "--json");
    check(says(finding(document(&s, r), "freshness"), "severity", "warn"));
    r = RUN(&s, "validate", shop, "--against", out, "--today", "2020-01-16", "--json");
    check(r.status == 1 && says(finding(document(&s, r), "freshness"), "severity", "fail"));
    /* All sales from one channel at three times the price, two of ten left. */
    put("sales.csv", "time,customer_id,article_id,price,channel,order_id\n"
                     "2020-01-01,c1,a1,30,odd,o1\n2020-01-10,c1,a2,30,odd,o2\n");
    r = RUN(&s, "validate", shop, "--against", out, "--today", "2020-01-11", "--json");
    top = document(&s, r);
    check(r.status == 1 && says(finding(top, "psi"), "severity", "fail"));
    check(says(finding(top, "rows"), "severity", "warn") &&
          says(finding(top, "rows"), "expected", "2 was 10"));
    r = RUN(&s, "validate", shop, "--against", "no-such-results");
    check(r.status == 2);
    check_has(r.err, "no-such-results has no results of a run to compare with");
    scope_close(&s);
}

CHECK(contract_key_keeps_a_row_whose_twin_was_set_aside_for_itself) {
    scope s = open_shop("contract-twins", "key: [order_id]\n");
    put("articles.csv", "article_id,name\na1,Dress\n");
    put("sales.csv", "time,customer_id,article_id,price,order_id\n"
                     "2020-01-01,c1,a9,1,o1\n2020-01-02,c1,a1,2,o1\n" /* a9 is no article */
                     "2020-01-03,c2,a1,3,o2\n2020-01-04,c2,a1,4,o2\n"
                     "2020-01-05,c2,a1,5,o3\n");
    check_run r = RUN(&s, "run", shop, "--out", out, "--to", "clean", "--json");
    check(r.status == 0);
    const js_node *file = file_named(document(&s, r), "sales.csv");
    check(number(file, "accepted") == 3 && number(file, "quarantined") == 2);
    scope_close(&s);
}
