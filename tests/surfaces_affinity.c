/* affinity verb: baskets by order or by day, next purchases, levels, returns and bad input. */
#include "check_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char rows[] = "order_id,customer_id,date,article_id,price,quantity,type\n"
                           "1,a,2024-01-01,x,5,1,top\n1,a,2024-01-01,y,5,1,shoe\n"
                           "2,b,2024-01-01,x,5,1,top\n2,b,2024-01-01,y,5,2,shoe\n"
                           "3,b,2024-01-10,z,5,1,top\n4,c,2024-01-02,x,5,1,top\n"
                           "5,c,2024-01-20,z,5,1,top\n6,d,2024-01-03,z,5,1,top\n"
                           "7,d,2024-01-04,y,5,-1,shoe\n8,d,2024-01-04,x,-5,1,top\n";

CHECK(verb_affinity_counts_baskets_and_what_comes_next) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    const char *in = write_table(&s, "affinity.csv", slice_of(rows));
    check_run r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, NULL});
    check(r.status == 0);
    check_has(r.out, "\nx,y,2,2,3,2,1,"); /* in 2 of 6 baskets; x in 3, y in 2: expected 1 */
    check_has(r.err, "2 pairs of 3 items in 6 baskets; 0 baskets over the cap and 2 rows of "
                     "returns left out");
    r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, "--kind", "next", NULL});
    check(r.status == 0);
    check_has(r.out, "\nx,z,2,0,3,"); /* b and c bought z after x, nobody the other way round */
    r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, "--kind", "next", "--days",
                                                "5", NULL});
    check(r.status == 0 && !memmem(r.out.p, r.out.n, "x,z", 3));
    r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, "--level", "type", NULL});
    check(r.status == 0);
    check_has(r.out, "\nshoe,top,2,");
    r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, "--product", "type",
                                                "--least", "1", NULL});
    check(r.status == 0);
    check_has(r.out, "\nx,y,2,");
    in = write_table(&s, "affinity-days.csv",
                     SLICE("customer,date,article\na,2024-01-01,x\na,2024-01-01,y\n"
                           "b,2024-01-02,x\nb,2024-01-02,y\nb,2024-01-03,z\n"));
    r = check_atelier(&s, (const char *const[]){"affinity", "--in", in, NULL});
    check(r.status == 0);
    check_has(r.out, "\nx,y,2,2,2,2,"); /* without orders a customer's day is a basket */
    scope_close(&s);
}

CHECK(verb_affinity_leaves_out_what_is_no_basket) {
    scope s;
    err e = {0};
    text all = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    text_add(&all, SLICE("basket,article\n"));
    for (int i = 0; i < 100000; i++) text_addf(&all, "big,%d\n", i);
    text_add(&all, SLICE("p,1\np,2\nq,1\nq,2\n"));
    const char *path = write_table(&s, "affinity-big.csv", text_slice(&all));
    text_free(&all);
    check_run r = check_atelier(&s, (const char *const[]){"affinity", "--in", path, NULL});
    check(r.status == 0);
    check_has(r.out, "\n1,2,2,2,2,2,2,");
    check_has(r.err, "1 baskets over the cap");
    scope_close(&s);
}

CHECK(verb_affinity_refuses_with_a_sentence) {
    static const struct {
        const char *text, *words[2], *says;
    } wrong[] = {
        {"article,price\nx,1\ny,2\n", {NULL}, "neither a column basket nor customer and time"},
        {"basket,article\n1,x\n1,y\n", {"--kind", "next"}, "needs columns customer and time"},
        {"basket,article\n1,x\n1,y\n", {"--level", "kind"}, "no column kind with values"},
        {"basket,article\n1,x\n1,y\n", {"--kind", "ever"}, "together"},
        {"basket,colour\n1,x\n1,y\n", {NULL}, "item"},
    };
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *in = write_table(&s, "affinity-wrong.csv", slice_of(wrong[i].text));
        check_run r = check_atelier(&s, (const char *const[]){"affinity", "--in", in,
                                                              wrong[i].words[0],
                                                              wrong[i].words[1], NULL});
        check(r.status == 2);
        check_has(r.err, wrong[i].says);
    }
    scope_close(&s);
}
