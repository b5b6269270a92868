/* demo: the made-up shop repeats, refuses to overwrite, and holds what its truth says. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/folder.h"
#include "demo_shop.h"
#include "pipeline/demo.h"

static demo_made make(const char *dir, uint64_t seed, bool force) {
    err e = {0};
    demo_made made = {0};
    demo_params p = {demo_size_find("small"), seed, force};
    check_ok(demo_make(dir, p, NULL, &made, &e), &e);
    return made;
}

static void write_file(const char *dir, const char *name) {
    char path[700];
    err e = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    check_ok(file_replace(path, SLICE("mine\n"), &e), &e);
}

static hash_text hash_at(const char *dir, const char *name) {
    char path[700];
    hash_text h;
    err e = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    check_ok(hash_file(path, &h, NULL, &e), &e);
    return h;
}

CHECK(demo_repeats_to_the_byte_and_another_seed_does_not) {
    static const char *const files[] = {"articles.csv", "customers.csv", "transactions_train.csv",
                                        "reviews.csv",  "events.csv.gz", "stock.csv",
                                        "truth.json",   "README.txt"};
    char path[600], first[600];
    snprintf(first, sizeof first, "%s", demo_shop_see()->dir); /* seed 1 */
    snprintf(path, sizeof path, "%s/again/", check_folder("demo-again"));
    make(path, 1, false);
    for (int i = 0; i < 8; i++)
        check_text(slice_of(hash_at(path, files[i]).hex), hash_at(first, files[i]).hex);
    make(path, 2, false); /* a demo shop may be made anew */
    for (int i = 0; i < 8; i++)
        check(strcmp(hash_at(path, files[i]).hex, hash_at(first, files[i]).hex) != 0);
}

CHECK(demo_refuses_to_replace_what_is_no_demo_shop) {
    const char *dir = check_folder("demo-mine");
    demo_params p = {demo_size_find("small"), 1, false};
    demo_made made;
    err e = {0};
    write_file(dir, "thesis.txt");
    check(!demo_make(dir, p, NULL, &made, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "thesis.txt");
    e = (err){0};
    char file[700];
    snprintf(file, sizeof file, "%s/thesis.txt", dir);
    check(!demo_make(file, p, NULL, &made, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "is a file");
    check(file_exists(file));
    const char *shop = check_folder("demo-real"); /* files of these names, but nobody's demo */
    write_file(shop, "articles.csv");
    e = (err){0};
    check(!demo_make(shop, p, NULL, &made, &e) && e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "truth.json");
    p.force = true;
    e = (err){0};
    check_ok(demo_make(dir, p, NULL, &made, &e), &e);
    check(!file_exists(file));
    e = (err){0};
    check(!demo_make("..", p, NULL, &made, &e) && e.kind == ERR_ASKED_WRONG);
}
