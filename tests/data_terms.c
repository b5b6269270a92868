/* terms: contracts of a shop's owner: what is read, what is refused with its line, exports. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "data/folder.h"
#include "data/terms.h"
#include "data/terms_export.h"
#include "data/yml.h"

static scope open_scope(void) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 0, &e), &e);
    return s;
}

/* A shop with one contract; its folder is static. */
static const char *shop_with(const char *name, const char *source, const char *yaml) {
    static char shop[300];
    char path[600];
    err e = {0};
    snprintf(shop, sizeof shop, "%s", check_folder(name));
    snprintf(path, sizeof path, "%s/contracts", shop);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/contracts/%s.yaml", shop, source);
    check_ok(file_replace(path, slice_of(yaml), &e), &e);
    return shop;
}

static const char sales[] =
    "description: lines of the till\n"
    "columns:\n"
    "  price: {required: true, min: 0.5, max: 60, on_bad: clamp}\n"
    "  channel: {values: [store, 'on \"line\"'], on_bad: null, pii: none}\n"
    "  order_id: {type: whole number, pattern: '[0-9]{6}', min: 100000, max: 200000}\n"
    "  customer_id: {references: customers.customer_id, pii: direct}\n"
    "  time: {min: 2020-01-01}\n"
    "key: [order_id, article_id]\n"
    "rows: {min: 10, max: 2000}\n"
    "freshness: {column: time, warn_days: 2, fail_days: 7}\n"
    "thresholds: {warn: 0.01, fail: 0.05}\n"
    "drift: {fail: 0.5}\n";

CHECK(terms_are_read_as_written) {
    scope s = open_scope();
    err e = {0};
    const terms *all[6];
    check_ok(terms_read(&s, shop_with("terms", "transactions", sales), all, &e), &e);
    const terms *t = all[2];
    check(t && !all[0] && !all[5] && t->n == 5 && t->n_key == 2 && t->least_rows == 10 &&
          t->most_rows == 2000 && t->fresh_warn_days == 2 && t->fresh_fail_days == 7);
    check_near(t->warn, 0.01, 0);
    check_near(t->fail, 0.05, 0);
    check_near(t->drift_warn, 0.2, 0);
    check_near(t->drift_fail, 0.5, 0);
    check(strcmp(t->fresh->name, "time") == 0 && strcmp(t->key[1]->name, "article_id") == 0);
    const terms_column *price = terms_find(t, "price"), *channel = terms_find(t, "channel"),
                       *order = terms_find(t, "order_id");
    check(price->required && price->on_bad == ON_BAD_CLAMP && strcmp(price->low, "0.5") == 0);
    check(channel->n_values == 2 && strcmp(channel->values[1], "on \"line\"") == 0 &&
          channel->on_bad == ON_BAD_NULL);
    check(order->type == CONTRACT_INT && order->on_bad == ON_BAD_REJECT &&
          strcmp(order->high, "200000") == 0);
    check(terms_is_hidden(t, "customer_id") && !terms_is_hidden(t, "channel"));
    check(!terms_find(t, "quantity"));
    scope_close(&s);
}

CHECK(terms_refuse_with_file_and_line) {
    static const char *const bad[][2] = {
        {"colums: {}\n", ":1: 'colums' is no key of a contract; did you mean columns?"},
        {"\ncolumns:\n  prise: {min: 1}\n", ":3: 'prise' is no column of transactions; did you "
                                            "mean price?"},
        {"columns:\n  price: {mni: 1}\n", ":2: 'mni' is no key of a column; did you mean min?"},
        {"columns:\n  price: {min: cheap}\n", ":2: min of price is a number"},
        {"columns:\n  price: {min: 3, max: 2}\n", ":2: min of price is above its max"},
        {"columns:\n  time: {min: 2020-02-30}\n", "min of time is a day like"},
        {"columns:\n  channel: {min: 3}\n", "channel is text: it has no min"},
        {"columns:\n  price: {type: text}\n", "price of transactions is read as number"},
        {"columns:\n  price: {on_bad: drop}\n", "'drop' is no answer to a bad cell"},
        {"columns:\n  price: {on_bad: null}\n", "price is required: its cells cannot be emptied"},
        {"columns:\n  quantity: {min: 1, on_bad: clamp}\n", "clamp needs a number with min and"},
        {"columns:\n  channel: {values: store}\n", "values is a list like"},
        {"columns:\n  customer_id: {references: customer.id}\n", "'customer' is no source; did you "
                                                                 "mean customers?"},
        {"columns:\n  price: {required: yes}\n", "'yes' is no yes or no: true or false"},
        {"key: [basket]\n", "'basket' is no column of transactions"},
        {"rows: {least: 3}\n", "'least' is no key of rows"},
        {"freshness: {warn_days: 3}\n", "freshness needs a column of dates"},
        {"freshness: {column: price}\n", "freshness needs a column of dates"},
        {"thresholds: {warn: 2}\n", "warn is a number from 0 to 1"},
        {"columns: {price: {min: 1}, price: {min: 2}}\n", "the key 'price' stands here twice"},
        {"a: &x b\n", "anchors and tags are not read here"},
        {"a: *x\n", "aliases are not read here"},
        {"a: 1\n---\nb: 2\n", "only one document is read"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        scope s = open_scope();
        err e = {0};
        const terms *all[6];
        check(!terms_read(&s, shop_with("terms-bad", "transactions", bad[i][0]), all, &e));
        check(e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), bad[i][1]);
        check_has(slice_of(e.text), "contracts/transactions.yaml:");
        scope_close(&s);
    }
}

CHECK(terms_of_no_source_are_refused) {
    scope s = open_scope();
    err e = {0};
    const terms *all[6];
    check(!terms_read(&s, shop_with("terms-none", "sale", "rows: {min: 1}\n"), all, &e));
    check_has(slice_of(e.text), "'sale' is no source, which its file is named for");
    scope_close(&s);
}

CHECK(yml_nodes_know_their_lines_and_depth_is_limited) {
    scope s = open_scope();
    err e = {0};
    char path[300], deep[200];
    snprintf(path, sizeof path, "%s/a.yaml", check_folder("yml"));
    check_ok(file_replace(path, SLICE("# one\na: 1\nb:\n  - x\n  - 'y'\n"), &e), &e);
    const yml *top = yml_read(&s, path, &e), *b = yml_get(top, "b");
    check(top && top->n == 2 && yml_get(top, "a")->line == 2 && b->line == 3 && b->n == 2);
    check(b->first->line == 4 && !b->first->quoted && b->first->next->quoted && !yml_get(b, "x"));
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    check_ok(file_replace(path, slice_of(deep), &e), &e);
    check(!yml_read(&s, path, &e));
    check_has(slice_of(e.text), "more than 32 levels");
    scope_close(&s);
}

CHECK(terms_are_exported_in_three_languages) {
    scope s = open_scope();
    err e = {0};
    const terms *all[6];
    text *to = take(&s.keep, text, 1);
    text_open(to, &s);
    check_ok(terms_read(&s, shop_with("terms-out", "transactions", sales), all, &e), &e);
    terms_odcs(to, all[2]->source, all[2]);
    check_has(text_slice(to), "apiVersion: v3.1.0\nkind: DataContract\n");
    check_has(text_slice(to), "validValues: [\"store\", \"on \\\"line\\\"\"]");
    char path[300];
    snprintf(path, sizeof path, "%s/a.yaml", check_folder("terms-odcs"));
    check_ok(file_replace(path, text_slice(to), &e), &e);
    check_ok(yml_read(&s, path, &e), &e); /* it is YAML */
    text_clear(to);
    terms_json_schema(&s, to, all[2]->source, all[2]);
    const js_node *schema = js_parse(&s, text_slice(to), &e);
    const js_node *price = js_get(js_get(schema, "properties"), "price");
    double low;
    check(js_real(js_get(price, "minimum"), &low));
    check_near(low, 0.5, 0);
    check(js_count(js_get(schema, "required")) == 3); /* time, article_id, price */
    text_clear(to);
    const bool has[6] = {false, true, true};
    terms_postgresql(&s, to, all, has);
    check_has(text_slice(to), "CHECK (CAST(\"channel\" AS text) IN ('store', 'on \"line\"'))");
    check_has(text_slice(to), "FOREIGN KEY (\"customer_id\") REFERENCES \"customers\"");
    check_has(text_slice(to), "UNIQUE (\"order_id\", \"article_id\")");
    scope_close(&s);
}
