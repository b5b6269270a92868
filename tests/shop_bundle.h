/* shop_bundle: a small bundle with known contents, for tests of bundle, server and verbs. */
#ifndef TESTS_SHOP_BUNDLE_H
#define TESTS_SHOP_BUNDLE_H

#include "check.h"

/* Six customers (1, 007, alice, "b/c d", 42, zoë) and five articles (10, 0020, 30, tee-1, 50) in
 * three categories. Customer 1 gets articles 1, 2, 0; alice is cold; 42 has no list of its own. By
 * gmm, 1, b/c d and zoë are in gmm-7 and 007 in gmm-9; all but alice and zoë have a value. `mark`
 * is written into home.json, so that two bundles can be told apart. */
enum { SHOP_CUSTOMERS = 6, SHOP_ARTICLES = 5, SHOP_K = 4 };

typedef enum shop_fault { /* what is wrong with it */
    SHOP_SOUND,
    SHOP_BAD_ITEM,     /* an article number that does not exist */
    SHOP_BAD_SHAPE,    /* scores for another number of customers */
    SHOP_SAME_ID,      /* two customers with one key */
    SHOP_BAD_HISTORY,  /* rows of purchases that run backwards */
    SHOP_BAD_JSON,     /* home.json is cut */
    SHOP_BAD_SEGMENT,  /* a segment number that does not exist */
    SHOP_RFM_ONLY,     /* segments as before there were methods */
    SHOP_VALUED,       /* segments.json with a model of lifetime value */
    SHOP_ONLY_IDS      /* no family was fed */
} shop_fault;

/* Publishes PARENT/10_serve, in place of an older one. */
void shop_publish(const char *parent, const char *mark, shop_fault fault);

#endif
