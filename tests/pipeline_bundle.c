/* bundle: look-ups by key, refusal of unsound or changed bundles, and what a reader may rely on. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"
#include "pipeline/bundle.h"
#include "shop_bundle.h"

CHECK(bundle_finds_ids_by_their_key) {
    err e = {0};
    bundle *b;
    const char *out = check_folder("bundle-keys");
    shop_publish(out, "a", SHOP_SOUND);
    check_ok(bundle_open(&b, out, &e), &e);
    check(b->customers == 6 && b->articles == 5);
    check(bundle_customer(b, SLICE("1")) == 0 && bundle_customer(b, SLICE("0001")) == 0);
    check(bundle_customer(b, SLICE("7")) == 1 && bundle_customer(b, SLICE(" 007 ")) == 1);
    check(bundle_customer(b, SLICE("alice")) == 2 && bundle_customer(b, SLICE("Alice")) == -1);
    check(bundle_customer(b, SLICE("b/c d")) == 3 && bundle_customer(b, SLICE("")) == -1);
    check(bundle_article(b, SLICE("20")) == 1 && bundle_article(b, SLICE("tee-1")) == 3);
    check(bundle_article(b, SLICE("200")) == -1 && bundle_article(b, SLICE("0")) == -1);
    check(bundle_series(b, SLICE("total"), SLICE("total")) == 0);
    check(bundle_series(b, SLICE("article"), SLICE("20")) == 3);
    check(bundle_series(b, SLICE("category"), SLICE("20")) == -1);
    check(b->n_categories == 3 && bundle_category(b, SLICE("tops")) == 2);
    check(b->category[1] == 0 && b->category[4] == 2);
    check(b->product[0] == b->product[1] && b->product[2] == 3 && b->product[4] == 2);
    check(b->variants_at[0] == 0 && b->variants_at[1] == 2 && b->variants_at[3] == 4);
    check(b->variants[0] == 0 && b->variants[1] == 1 && b->variants[3] == 4);
    check(b->type[0] == b->type[1] && b->type[2] == 1 && b->type[4] == -1);
    check(!b->is_new[0] && b->is_new[1] && !b->is_new[2] && !b->is_new[3] && b->is_new[4]);
    check(bundle_category(b, SLICE("Top")) == -1);
    bundle_close(b);
}

CHECK(bundle_key_drops_leading_zeros_of_numbers_only) {
    check_text(bundle_key(SLICE(" 0042 ")), "42");
    check_text(bundle_key(SLICE("000")), "0");
    check_text(bundle_key(SLICE("00a")), "00a");
    check_text(bundle_key(SLICE("017850.0")), "17850");
    check_text(bundle_key(SLICE("1.50")), "1.50");
    check_text(bundle_key(SLICE(".0")), ".0");
    check_text(bundle_key(SLICE("")), "");
}

CHECK(bundle_refuses_what_is_unsound) {
    static const struct {
        shop_fault fault;
        const char *said;
    } cases[] = {{SHOP_BAD_ITEM, "array user_items holds 5 at 5, expected -1 to 4"},
                 {SHOP_BAD_SHAPE, "array user_scores has shape [5, 4], expected [6, 4]"},
                 {SHOP_BAD_HISTORY, "array history_at falls from 3 to 1 at 1"},
                 {SHOP_BAD_SEGMENT,
                  "array segment holds 2 for customer 1 by gmm, expected -1 to 1"},
                 {SHOP_SAME_ID, "rows 0 and 4 have the same id 1"},
                 {SHOP_BAD_JSON, "home.json: JSON line 1"}};
    const char *out = check_folder("bundle-unsound");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        err e = {0};
        bundle *b = NULL;
        shop_publish(out, "x", cases[i].fault);
        check(!bundle_open(&b, out, &e));
        check_has(slice_of(e.text), cases[i].said);
    }
}

CHECK(bundle_of_a_shop_that_fed_no_family_opens) {
    err e = {0};
    bundle *b;
    const char *out = check_folder("bundle-ids");
    shop_publish(out, "x", SHOP_ONLY_IDS);
    check_ok(bundle_open(&b, out, &e), &e);
    check(!b->recommend.has && !b->segment.has && !b->forecast.has);
    check(!b->pages[BUNDLE_FUNNEL].root && b->pages[BUNDLE_HOME].root);
    check(bundle_series(b, SLICE("total"), SLICE("total")) == -1);
    bundle_close(b);
}

CHECK(bundle_with_a_flipped_byte_is_refused) {
    static const char *const files[] = {"ids.atm", "recommend.atm", "home.json", "manifest.json"};
    const char *out = check_folder("bundle-flip");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        err e = {0};
        bundle *b = NULL;
        char path[600];
        shop_publish(out, "x", SHOP_SOUND);
        snprintf(path, sizeof path, "%s/10_serve/%s", out, files[i]);
        FILE *f = fopen(path, "r+b");
        check(f != NULL);
        check(fseek(f, i == 3 ? -8 : 20, i == 3 ? SEEK_END : SEEK_SET) == 0);
        int was = fgetc(f);
        check(fseek(f, -1, SEEK_CUR) == 0 && fputc(was ^ 1, f) != EOF && fclose(f) == 0);
        check(!bundle_open(&b, out, &e));
        check_has(slice_of(e.text), "10_serve");
    }
}

CHECK(bundle_that_is_not_there_is_the_askers_mistake) {
    err e = {0};
    bundle *b = NULL;
    check(!bundle_open(&b, check_folder("bundle-none"), &e));
    check(e.kind == ERR_ASKED_WRONG);
    check_has(slice_of(e.text), "atelier run SHOP --out");
}

CHECK(bundle_stays_readable_when_its_folder_is_exchanged) {
    err e = {0};
    bundle *b;
    const char *out = check_folder("bundle-exchange");
    shop_publish(out, "first", SHOP_SOUND);
    check_ok(bundle_open(&b, out, &e), &e);
    shop_publish(out, "second", SHOP_ONLY_IDS);
    check_text(bundle_text(&b->article_name, 3), "T-shirt \"A\"");
    check(b->recommend.items[0] == 1 && b->recommend.popular.items[3] == 3);
    check_has(b->pages[BUNDLE_HOME].bytes, "first");
    bundle_close(b);
}
