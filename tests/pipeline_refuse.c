/* refuse: bad input gets one clear sentence, the right exit code, nothing half-written. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/folder.h"

#define RUN(s, ...) check_atelier((s), (const char *const[]){__VA_ARGS__, NULL})

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, (size_t)64 << 20, 0, &e), &e);
}

static void put(scope *s, const char *where, const char *file, const char *bytes) {
    err e = {0};
    check_ok(file_replace(arena_text(&s->keep, "%s/%s", where, file), slice_of(bytes), &e), &e);
}

/* The code, the words, one line on stderr; no folder of that step, nothing temporary. */
static void check_refusal(scope *s, check_run r, int code, const char *says, const char *out) {
    if (r.status != code) print_error("%.*s\n", (int)r.err.n, r.err.p);
    check(r.status == code && r.out.n == 0);
    check_has(r.err, says);
    const char *line = memmem(r.err.p, r.err.n, "atelier: ", 9);
    check(line && memchr(line, '\n', r.err.n - (size_t)(line - r.err.p)) ==
                      r.err.p + r.err.n - 1); /* the refusal is the last and only such line */
    check(!file_exists(arena_text(&s->keep, "%s/01_raw", out)));
    char *none = arena_text(&s->keep, "[ -z \"$(find '%s' -name '*.tmp-*' 2>/dev/null)\" ]", out);
    check(system(none) == 0);
}

static const char *const good = "t_dat,customer_id,article_id,price,sales_channel_id\n"
                                "2020-01-01,a,1,1.5,1\n2020-01-02,b,2,2.5,2\n";

CHECK(refuse_an_empty_folder_a_file_and_nothing) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-empty"), *out = check_folder("refuse-out");
    check_refusal(&s, RUN(&s, "run", shop, "--out", out), 2, shop, out);
    check_refusal(&s, RUN(&s, "run", "Makefile", "--out", out), 2, "Makefile", out);
    put(&s, shop, "customers.csv", "customer_id,age\na,30\n");
    check_refusal(&s, RUN(&s, "run", shop, "--out", out), 2, "transactions", out);
    scope_close(&s);
}

CHECK(refuse_a_folder_in_the_place_of_a_file) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-dir"), *out = check_folder("refuse-out");
    check(mkdir(arena_text(&s.keep, "%s/transactions.csv", shop), 0777) == 0);
    check_refusal(&s, RUN(&s, "run", shop, "--out", out), 2, "transactions.csv", out);
    scope_close(&s);
}

CHECK(refuse_a_missing_column_by_name) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-column"), *out = check_folder("refuse-out");
    put(&s, shop, "transactions.csv", "t_dat,customer_id,preis\n2020-01-01,a,1.5\n");
    check_run r = RUN(&s, "run", shop, "--out", out);
    check_refusal(&s, r, 2, "transactions.csv", out);
    check_has(r.err, "article_id");
    check_has(r.err, "preis");
    scope_close(&s);
}

CHECK(refuse_a_truncated_parquet) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-parquet"), *out = check_folder("refuse-out");
    put(&s, shop, "transactions.parquet", "PAR1 and then the disk was full");
    check_refusal(&s, RUN(&s, "run", shop, "--out", out), 2, "transactions.parquet", out);
    scope_close(&s);
}

/* Runs the program as nobody when we are root, who may read and write everything. */
static check_run run_as_nobody(scope *s, const char *shop, const char *out) {
    const char *const words[] = {"setpriv",         "--reuid=65534", "--regid=65534",
                                 "--clear-groups",  check_program(), "run",
                                 shop,              "--out",         out,
                                 NULL};
    return check_command(s, getuid() == 0 ? words : words + 4);
}

CHECK(refuse_without_permission_to_read_or_write) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-mode"), *out = check_folder("refuse-mode-out");
    char *transactions = arena_text(&s.keep, "%s/transactions.csv", shop);
    char *inside = arena_text(&s.keep, "%s/out", out);
    put(&s, shop, "transactions.csv", good);
    check(chmod(out, 0777) == 0 && chmod(transactions, 0) == 0);
    check_run r = run_as_nobody(&s, shop, inside);
    if (r.status > 2) skip("another user cannot start the program here");
    check_refusal(&s, r, 1, "Permission denied", inside);
    check(chmod(transactions, 0644) == 0 && chmod(out, 0555) == 0);
    char *barred = arena_text(&s.keep, "%s/barred", out);
    check_refusal(&s, run_as_nobody(&s, shop, barred), 1, "Permission denied", barred);
    scope_close(&s);
}

CHECK(refuse_on_a_full_disk) {
    scope s;
    open_scope(&s);
    const char *shop = check_folder("refuse-full-shop"), *out = check_folder("refuse-full");
    if (system(arena_text(&s.keep, "mount -t tmpfs -o size=64k none '%s' 2>/dev/null", out)) != 0)
        skip("no right to mount a small disk here");
    check(RUN(&s, "demo", shop, "--seed", "1", "--force").status == 0);
    check_run r = RUN(&s, "run", shop, "--out", out);
    check_refusal(&s, r, 1, "No space left", out);
    check(system(arena_text(&s.keep, "umount '%s'", out)) == 0);
    scope_close(&s);
}
