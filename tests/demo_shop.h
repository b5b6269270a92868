/* demo_shop: the small demo shop of seed 1 as a stranger reads it; for the tests of its truths.
 *
 * The raw files are cut into lines by hand and only rows that hold together are kept (right number
 * of fields, quotes closed, UTF-8); then SQL keeps the rows whose values can be. Tables: articles
 * (category, grp, list, launch), customers, sales (day, week, price, channel), sold (sales with
 * their article), reviews (stars), events (moment), stock. */
#ifndef TESTS_DEMO_SHOP_H
#define TESTS_DEMO_SHOP_H

#include "base/json.h"
#include "data/db.h"

enum { ARTICLES, CUSTOMERS, TRANSACTIONS, REVIEWS, EVENTS, STOCK };
extern const char *const demo_shop_files[6];

typedef struct demo_shop {
    scope s;
    char dir[600];
    slice bytes[6]; /* of each file, uncompressed */
    db *d;
    const js_node *truth;
} demo_shop;

demo_shop *demo_shop_see(void); /* made and read at the first call; its tables stay as they are */
void demo_shop_tables(db *d);   /* the same tables in an engine of your own */

bool demo_shop_line(slice *rest, slice *line); /* cuts off the next line */
int demo_shop_fields(slice line);              /* -1 when the quotes do not hold together */

int64_t demo_shop_count(demo_shop *shop, const char *sql);
double demo_shop_real(demo_shop *shop, const char *sql); /* one number: SELECT (sql) */
columns demo_shop_query(demo_shop *shop, const char *sql);
double truth_real(const js_node *n, const char *key);
int64_t truth_int(const js_node *n, const char *key);
slice truth_text(const js_node *n, const char *key);

#endif
