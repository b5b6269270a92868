/* recommend_meaning: articles that share no word are alike when their reviews are; later reviews
 * change nothing. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "desk.h"
#include "pipeline/recommend_meaning.h"

enum { UNTIL = 19800, ARTICLES = 8 };

/* Articles with one word each; the reviews of even ones speak of warmth, of odd ones of shine. */
static void open_shop(desk *t, const char *name, bool later) {
    desk_open(t, 2, name, (windows){19000, 19744, 19772, UNTIL});
    t->w.meaning = true, t->w.encoder = "none";
    desk_sql(t, "CREATE TABLE b_articles AS SELECT CAST(i AS INTEGER) AS article, 'name' || i AS "
                "text FROM range(8) r(i); CREATE TABLE e_reviews AS SELECT CAST(i AS INTEGER) AS "
                "review, CAST(i % 8 AS INTEGER) AS article, DATE '2023-01-01' AS day, "
                "CASE i % 2 WHEN 0 THEN 'warm soft wool for winter ' || (i % 3) ELSE 'shiny silk "
                "for a party ' || (i % 5) END AS text FROM range(400) r(i)");
    if (later) /* of 0, shortly before the end */
        desk_sql(t, "INSERT INTO e_reviews SELECT 1000, 0, DATE '2024-03-01', 'shiny silk party'");
}

static sparse words_of(desk *t) {
    static const int32_t each[ARTICLES] = {0, 1, 2, 3, 4, 5, 6, 7};
    return sparse_from_triples(ARTICLES, ARTICLES, ARTICLES, each, each, NULL, &t->s.keep,
                               t->s.scratch);
}

static double cosine(const sparse *m, int64_t a, int64_t b) {
    double sum = 0;
    for (int64_t i = m->at[a]; i < m->at[a + 1]; i++)
        sum += (double)m->value[i] * (double)sparse_get(m, b, m->col[i]);
    return sum;
}

CHECK(recommend_meaning_makes_articles_alike_by_their_reviews) {
    desk t;
    open_shop(&t, "meaning", false);
    sparse v = words_of(&t);
    check(cosine(&v, 0, 2) == 0);
    check_ok(recommend_meaning_add(&v, &t.w, UNTIL, &t.s.keep, &t.e), &t.e);
    for (int a = 0; a < ARTICLES; a++) check_near(cosine(&v, a, a), 1, 1e-6); /* floats */
    for (int a = 2; a < ARTICLES; a += 2) check(cosine(&v, 0, a) > cosine(&v, 0, a - 1) + 0.2);
    desk_close(&t);
}

CHECK(recommend_meaning_looks_at_no_later_review) {
    desk t, u;
    open_shop(&t, "meaning-before", false);
    open_shop(&u, "meaning-after", true);
    sparse a = words_of(&t), b = words_of(&u);
    check_ok(recommend_meaning_add(&a, &t.w, UNTIL, &t.s.keep, &t.e), &t.e);
    check_ok(recommend_meaning_add(&b, &u.w, UNTIL, &u.s.keep, &u.e), &u.e);
    check(sparse_count(&a) == sparse_count(&b));
    check(memcmp(a.value, b.value, (size_t)sparse_count(&a) * sizeof *a.value) == 0);
    sparse c = words_of(&u);
    u.w.meaning_until = UNTIL;
    check_ok(recommend_meaning_add(&c, &u.w, UNTIL, &u.s.keep, &u.e), &u.e);
    check(sparse_count(&a) != sparse_count(&c) ||
          memcmp(a.value, c.value, (size_t)sparse_count(&a) * sizeof *a.value) != 0);
    desk_close(&t);
    desk_close(&u);
}
