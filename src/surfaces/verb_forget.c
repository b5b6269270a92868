/* verb_forget: takes a customer out of results and out of every later run, with a receipt. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "data/folder.h"
#include "pipeline/forgotten.h"
#include "pipeline/plan.h"
#include "pipeline/prelude.h"
#include "surfaces/verbs.h"

typedef struct erasure {
    const args *a;
    scope *s;
    js *out;
    db *d;
    const char *id, *root, *shop;
    int64_t customer, visitor; /* their numbers in these results; -1 = none */
    int64_t rows;
    forgotten list;
    char hash[65];
} erasure;

static char *step_folder(erasure *r, int i) {
    return arena_text(&r->s->keep, "%s/%s_%s", r->root, plan[i]->number, plan[i]->word);
}

/* ---- who it is ---- */

static bool number_of(erasure *r, const char *table, const char *number, int64_t *out, err *e) {
    const char *path = arena_text(&r->s->keep, "%s/02_clean/%s.parquet", r->root, table);
    *out = -1;
    return !file_exists(path) ||
           db_count(r->d, out, e,
                    "SELECT coalesce(max(%s), -1) FROM read_parquet(%s) WHERE key = id_key(%s)",
                    number, db_literal(&r->s->keep, slice_of(path)),
                    db_literal(&r->s->keep, slice_of(r->id)));
}

static bool find(erasure *r, err *e) {
    if (!number_of(r, "customer_ids", "customer", &r->customer, e) ||
        !number_of(r, "visitor_ids", "visitor", &r->visitor, e))
        return false;
    bool known = r->customer >= 0 || r->visitor >= 0;
    if (known || !file_exists(arena_text(&r->s->keep, "%s/02_clean", r->root))) return true;
    refuse(e, "no customer '%s' in %s", r->id, r->root);
    return fail_cause(e, "no_input");
}

static bool read_list(erasure *r, char salt[33], err *e) {
    unsigned char bytes[16];
    if (!forgotten_read(r->shop, r->s, &r->list, e)) return false;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fail(e, "the system gives no random numbers");
    for (int i = 0; i < 16; i++) snprintf(salt + 2 * i, 3, "%02x", bytes[i]);
    if (!r->list.salt) r->list.salt = salt;
    if (!forgotten_hash(r->d, &r->list, r->id, r->s, r->hash, e)) return false;
    for (int64_t i = 0; i < r->list.n; i++)
        if (strcmp(r->list.hashes[i], r->hash) == 0) {
            refuse(e, "this customer is forgotten already (%.12s… in %s/%s)", r->hash, r->shop,
                   forgotten_file);
            return fail_cause(e, "no_input");
        }
    return true;
}

/* ---- what there is of them ---- */

/* The condition under which a row of the table is the customer's; NULL when it names nobody. */
static bool condition(erasure *r, const char *from, const char **out, err *e) {
    columns c;
    arena *keep = &r->s->keep;
    const char *id = db_literal(keep, slice_of(r->id));
    *out = NULL;
    if (!db_query(r->d, keep, &c, e, "SELECT column_name FROM (DESCRIBE SELECT * FROM %s)", from))
        return false;
    for (int64_t i = 0; i < c.rows; i++) {
        slice name = columns_text(&c, "column_name")[i];
        const char *one = NULL;
        if (slice_is(name, "customer_id") || slice_is(name, "user_id"))
            one = arena_text(keep, "id_key(%.*s) = id_key(%s)", (int)name.n, name.p, id);
        else if (slice_is(name, "raw") || slice_is(name, "spelling"))
            one = arena_text(keep, "list_contains(list_transform(regexp_split_to_array(%.*s, "
                                   "'[,;|\t\"]'), lambda x: id_key(x)), id_key(%s))",
                             (int)name.n, name.p, id);
        else if (slice_is(name, "customer") && r->customer >= 0)
            one = arena_text(keep, "customer = %lld", (long long)r->customer);
        else if (slice_is(name, "visitor") && r->visitor >= 0)
            one = arena_text(keep, "visitor = %lld", (long long)r->visitor);
        if (one) *out = *out ? arena_text(keep, "%s OR %s", *out, one) : one;
    }
    return true;
}

static bool count_table(erasure *r, slice path, err *e) {
    arena *keep = &r->s->keep;
    int64_t rows = 0;
    const char *from = arena_text(keep, "read_parquet(%s)", db_literal(keep, path)), *when;
    const char *name = slice_copy(keep, path) + strlen(r->root) + 1;
    if (!condition(r, from, &when, e)) return false;
    if (!when) return true;
    if (!db_count(r->d, &rows, e, "SELECT count(*) FROM %s WHERE %s", from, when)) return false;
    if (rows == 0) return true;
    js_object(r->out, NULL);
    js_put_word(r->out, "table", name);
    js_put_int(r->out, "rows", rows);
    js_end(r->out);
    r->rows += rows;
    if (!args_json(r->a)) printf("  %-40s %9lld rows\n", name, (long long)rows);
    return true;
}

static bool count_tables(erasure *r, err *e) {
    columns c;
    const char *all = arena_text(&r->s->keep, "%s/*/*.parquet", r->root);
    if (!db_query(r->d, &r->s->keep, &c, e, "SELECT file FROM glob(%s) ORDER BY file",
                  db_literal(&r->s->keep, slice_of(all))))
        return false;
    for (int64_t i = 0; i < c.rows; i++)
        if (!count_table(r, columns_text(&c, "file")[i], e)) return false;
    return true;
}

/* ---- taking it away ---- */

static bool remove_folder(erasure *r, const char *path, int place, err *e) {
    if (!file_exists(path)) return true;
    const char *away = arena_text(&r->s->keep, "%s/.forget.tmp-%d", r->root, place);
    if (rename(path, away) != 0) return fail_file(e, "remove", path);
    js_put_word(r->out, NULL, path + strlen(r->root) + 1);
    folder_sweep(r->root, "forget");
    return true;
}

/* Everything but the bundle that may be served: the next run replaces it whole. */
static bool remove_all(erasure *r, err *e) {
    folder_sweep(r->root, "forget"); /* of one that was killed */
    js_array(r->out, "folders_removed");
    for (int i = 0; i < 9; i++)
        if (!remove_folder(r, step_folder(r, i), i, e)) return false;
    const char *vectors = arena_text(&r->s->keep, "%s/.vectors", r->root);
    const char *tables = arena_text(&r->s->keep, "%s/.sources", r->root);
    if (!remove_folder(r, vectors, 9, e) || !remove_folder(r, tables, 10, e)) return false;
    js_end(r->out);
    return true;
}

static bool act(erasure *r, err *e) {
    char salt[33];
    if (!find(r, e) || !read_list(r, salt, e)) return false;
    js_put_word(r->out, "hash", r->hash);
    js_put_int(r->out, "forgotten_at", (int64_t)time(NULL));
    js_put_word(r->out, "list", arena_text(&r->s->keep, "%s/%s", r->shop, forgotten_file));
    js_array(r->out, "removed");
    if (!count_tables(r, e)) return false;
    js_end(r->out);
    js_put_int(r->out, "rows", r->rows);
    /* The list first: a run that comes between must not bring the customer back. */
    if (!forgotten_add(r->shop, &r->list, salt, r->hash, e) || !remove_all(r, e)) return false;
    bool served = file_exists(step_folder(r, 9));
    js_put_word(r->out, "bundle", served ? "as it was, until the next run replaces it" : "none");
    js_put_word(r->out, "raw_files", "as they were; later runs leave the customer's rows out");
    return true;
}

/* The receipt: what `out` says so far, as a document of its own beside the results. */
static bool write_receipt(erasure *r, err *e) {
    const char *receipts = arena_text(&r->s->keep, "%s/receipts", r->root);
    const char *path = arena_text(&r->s->keep, "%s/forgotten-%.12s.json", receipts, r->hash);
    js_put_word(r->out, "receipt", path);
    text *whole = take(&r->s->keep, text, 1);
    text_open(whole, r->s);
    text_add(whole, text_slice(&r->out->out));
    text_add(whole, SLICE("\n}\n"));
    if (!file_make_folders(receipts, e) || !file_replace(path, text_slice(whole), e)) return false;
    if (args_json(r->a)) return true;
    printf("%lld rows of the customer in %s are gone with the steps that held them; later runs "
           "leave the customer out.\nThe receipt is %s. The shop's own files still name the "
           "customer, and a served bundle does until\n  atelier run %s --out %s\n",
           (long long)r->rows, r->root, path, r->shop, r->root);
    return true;
}

/* ---- the command ---- */

static void unlock(void *what) { close(*(int *)what); }

static bool open_all(erasure *r, err *e) {
    slice said;
    err ignored = {0};
    int *file = take(&r->s->keep, int, 1);
    const char *note = arena_text(&r->s->keep, "%s/.shop", r->root);
    r->shop = args_text(r->a, "shop");
    if (!file_exists(r->root)) {
        refuse(e, "there is no folder %s", r->root);
        return fail_cause(e, "no_input");
    }
    if (!r->shop && file_read(note, r->s, 1 << 16, &said, &ignored))
        r->shop = slice_copy(&r->s->keep, slice_trim(said));
    if (!r->shop || !file_exists(r->shop)) {
        refuse(e, "%s does not say where its raw files are, or they moved: name them by --shop",
               r->root);
        return fail_cause(e, "no_input");
    }
    if (!plan_lock(r->root, file, e)) return false;
    scope_defer(r->s, unlock, file);
    const char *spill = arena_text(&r->s->keep, "%s/.spill.tmp-forget", r->root);
    if (!db_open(&r->d, (db_params){pool_processors(), verb_memory_mb(), spill}, e)) return false;
    scope_defer(r->s, db_close, r->d);
    return prelude_run(r->d, e);
}

static bool run(const args *a, scope *s, js *out, err *e) {
    erasure r = {.a = a, .s = s, .out = out, .id = args_word(a, 0), .root = "atelier-out"};
    if (args_words(a) > 1) r.root = args_word(a, 1);
    return open_all(&r, e) && act(&r, e) && write_receipt(&r, e);
}

static const option options[] = {
    {"shop", OPTION_TEXT, "DIR", "folder of the raw files (default: that of the run)"}, {0}};

const verb verb_forget = {"forget",
                          "CUSTOMER [OUT]",
                          "shop",
                          "Take a customer out of results and of every later run.",
                          "atelier forget 000fe0cb78 atelier-out",
                          1,
                          2,
                          options,
                          run};
