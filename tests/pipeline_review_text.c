/* review_text: HTML goes, languages are told and counted, and nothing unread is read. */
#include "check.h"
#include "pipeline/review_text.h"

static const slice given[] = {
    SLICE("I love this dress, it fits me and it is very soft"),
    SLICE("<p>The fit is <b>great</b> &amp; the colour is what I wanted</p>"),
    SLICE("Das Kleid ist sehr schön und die Farbe ist auch nicht schlecht"),
    SLICE("Ich bin mit der Hose nicht zufrieden, sie ist zu eng und zu kurz"),
    SLICE("La robe est très belle mais elle est trop petite pour moi"),
    SLICE("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbb \xe2\x9d\xa4\xef\xb8\x8f !!!"),
    SLICE(" \n "),
    SLICE("<br/>"),
    SLICE("XL"),
    SLICE("\xe7\x9a\xae\xe9\x9d\xa9\xe5\xbe\x88\xe5\xa5\xbd\xef\xbc\x8c\xe6\x88\x91\xe5\x96\x9c"),
    SLICE("We wanted a coat that is warm and this is the one for us"),
    SLICE("It was too small for me and they would not take it back"),
};
enum { N = sizeof given / sizeof given[0] };

CHECK(review_text_reads_the_shops_language_and_counts_the_rest) {
    scope s;
    err e = {0};
    review_text t;
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    pool *threads = pool_open(2, 1 << 20, &e);
    review_text_read(given, N, threads, &s, &t);
    check_text(slice_of(t.main), "English");
    check_text(t.plain[1], "The fit is great & the colour is what I wanted");
    static const uint8_t wanted[N] = {REVIEW_READ,    REVIEW_READ,  REVIEW_FOREIGN, REVIEW_FOREIGN,
                                      REVIEW_FOREIGN, REVIEW_SIGNS, REVIEW_EMPTY,   REVIEW_EMPTY,
                                      REVIEW_READ,    REVIEW_FOREIGN, REVIEW_READ,  REVIEW_READ};
    for (int i = 0; i < N; i++) check(t.unread[i] == wanted[i]);
    check(t.count[REVIEW_READ] == 5 && t.count[REVIEW_EMPTY] == 2);
    check(t.count[REVIEW_SIGNS] == 1 && t.count[REVIEW_FOREIGN] == 4);
    check(t.n_languages == 3 && t.in_language[0] == 2 && t.in_language[1] == 1);
    check_text(slice_of(t.languages[0]), "German");
    check(t.language[8] == NULL);
    pool_close(threads);
    scope_close(&s);
}

CHECK(review_text_takes_the_language_of_most_reviews_for_the_shops) {
    scope s;
    err e = {0};
    review_text t;
    check_ok(scope_open(&s, 1 << 20, 1 << 20, &e), &e);
    pool *threads = pool_open(1, 1 << 20, &e);
    const slice german[4] = {given[2], given[3], given[0], given[8]};
    review_text_read(german, 4, threads, &s, &t);
    check_text(slice_of(t.main), "German");
    check(t.unread[0] == REVIEW_READ && t.unread[2] == REVIEW_FOREIGN && !t.unread[3]);
    check(t.n_languages == 1 && t.in_language[0] == 1);
    check_text(slice_of(t.languages[0]), "English");
    pool_close(threads);
    scope_close(&s);
}
