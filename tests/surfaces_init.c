/* init: unknown files get a first mapping that a run takes, and doubts where there are some. */
#include "check.h"

#include "check_json.h"
#include "data/folder.h"

static const char *shop;

static slice mapping(scope *s) {
    err e = {0};
    slice bytes = {0};
    check_ok(file_read(arena_text(&s->keep, "%s/atelier.yaml", shop), s, 1 << 16, &bytes, &e), &e);
    return bytes;
}

CHECK(init_writes_a_mapping_that_a_run_takes) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    shop = check_folder("init");
    write_file(&s, shop, "belege.csv", "Bestellt am;Customer No.;Article No.;Betrag;Menge\n"
                                       "2020-01-01;ann;1;9.5;1\n2020-01-02;bob;2;8;1\n");
    write_file(&s, shop, "articles.csv", "article_id,prod_name\n1,Dress\n2,Shoe\n");
    write_file(&s, shop, "weather.csv", "station,sun\nx,1\n");
    const js_node *said = run_json(&s, (const char *const[]){"init", shop, "--json", NULL});
    const js_node *files = js_get(said, "files"), *sales = js_at(files, 1);
    check(js_count(files) == 3);
    check_text(text_of(sales, "source"), "transactions");
    const js_node *columns = js_get(sales, "columns");
    check_text(text_of(js_at(columns, 0), "header"), "Bestellt am");
    check_text(text_of(js_at(columns, 0), "how"), "by its values");
    check_text(text_of(js_at(columns, 1), "header"), "Customer No.");
    check_text(text_of(js_at(columns, 1), "how"), "by its name");
    check_text(text_of(js_at(columns, 3), "header"), "Betrag");
    check_has(mapping(&s), "transactions: ['belege.csv']");
    check_has(mapping(&s), "time: 'Bestellt am' # a guess by its values");
    check_has(mapping(&s), "# weather.csv: not used: ");

    char *out = arena_text(&s.keep, "%s/../init_out", shop);
    said = run_json(&s, (const char *const[]){"run", shop, "--out", out, "--to", "clean", "--json",
                                              NULL});
    check(real_of(js_at(js_get(said, "files"), 1), "accepted") == 2);

    check_run r = check_atelier(&s, (const char *const[]){"init", shop, NULL});
    check(r.status == 2);
    check_has(r.err, "is there already and stays as it is");
    scope_close(&s);
}

CHECK(init_says_what_it_did_not_find) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 64 << 20, 1 << 20, &e), &e);
    shop = check_folder("init_doubt");
    write_file(&s, shop, "sales.csv", "date,customer,ref,total\n2020-01-01,ann,A7,9.5\n");
    check_run r = check_atelier(&s, (const char *const[]){"init", shop, NULL});
    check(r.status == 0);
    check_has(r.out, "1 needed columns not found");
    check_has(mapping(&s), "# sales.csv: looks like transactions, but nothing was found for "
                           "article_id (text); its headers: 'date', 'customer', 'ref', 'total'");
    scope_close(&s);
}
