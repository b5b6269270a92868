/* table_matrix: the numeric columns of a file as one matrix. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/csv.h"
#include "data/csv_cells.h"
#include "data/csv_head.h"
#include "data/npy.h"
#include "data/table_kind.h"

enum { ARRAY_COLUMNS = 4096 };

/* The columns of the file that are wanted, as a contract of the moment. */
typedef struct wanted {
    contract c;
    contract_column *columns; /* [n headers] */
    int n_numbers;            /* the first ones; then the id, if any */
    bool has_id;
    bool gaps;                /* a missing number is NaN, not refused */
} wanted;

static slice cut_word(slice *list) {
    const char *comma = memchr(list->p, ',', list->n);
    slice word = {list->p, comma ? (size_t)(comma - list->p) : list->n};
    size_t used = word.n + (comma != NULL);
    *list = (slice){list->p + used, list->n - used};
    return slice_trim(word);
}

static int find_header(const slice *headers, int n, slice name) {
    for (int i = 0; i < n; i++)
        if (slice_compare(headers[i], name) == 0) return i;
    for (int i = 0; i < n; i++)
        if (contract_same_name(headers[i], name)) return i;
    return -1;
}

static bool refuse_header(const char *path, slice name, const slice *headers, int n, err *e) {
    text found = {0};
    for (int i = 0; i < n && found.n < 400; i++)
        text_addf(&found, "%s%.*s", i ? ", " : "", (int)headers[i].n, headers[i].p);
    refuse(e, "%s has no column '%.*s'; it has: %s", path, (int)name.n, name.p,
           found.p ? found.p : "");
    text_free(&found);
    return fail_cause(e, "bad_data");
}

static void want(wanted *w, slice header, contract_type type, arena *keep) {
    w->columns[w->c.n++] = (contract_column){.name = slice_copy(keep, header), .type = type};
}

/* The columns named in `only`. */
static bool want_only(wanted *w, const char *path, const char *only, const slice *headers, int n,
                      arena *keep, err *e) {
    for (slice list = slice_of(only); list.n > 0;) {
        slice name = cut_word(&list);
        int at = find_header(headers, n, name);
        if (at < 0) return refuse_header(path, name, headers, n, e);
        for (int i = 0; i < w->c.n; i++)
            if (slice_is(headers[at], w->columns[i].name))
                return refuse(e, "column '%.*s' is named twice", (int)name.n, name.p);
        want(w, headers[at], CONTRACT_REAL, keep);
    }
    return w->c.n > 0 || refuse(e, "no column is named");
}

static bool want_id(wanted *w, const char *path, const char *id, const slice *headers, int n,
                    arena *keep, err *e) {
    if (!id) return true;
    int at = find_header(headers, n, slice_of(id));
    if (at < 0) return refuse_header(path, slice_of(id), headers, n, e);
    w->has_id = true;
    want(w, headers[at], CONTRACT_TEXT, keep);
    return true;
}

/* ---- CSV ---- */

/* As many records a batch as fit the same memory for any number of columns. */
static csv_params params_for(const wanted *w) {
    csv_params p = CSV_DEFAULTS;
    p.batch = p.batch * 16 / (w->c.n + 16);
    return p;
}

/* Goes over the file once: which columns hold numbers and nothing else, and how many rows. */
static bool find_numbers(const char *path, wanted *all, uint8_t *is_number, int64_t *rows,
                         scope *s, err *e) {
    csv_batch b;
    uint8_t *has_any = take(&s->keep, uint8_t, all->c.n);
    csv *r = csv_open(s, path, &all->c, params_for(all), e);
    if (!r) return false;
    memset(is_number, 1, (size_t)all->c.n);
    while (csv_next(r, &b, e) && !b.end)
        for (int i = 0; i < all->c.n; i++)
            for (int64_t k = 0; is_number[i] && k < b.rows.rows; k++) {
                double number;
                if (!column_has(&b.rows.at[i], k)) continue;
                cell got = cell_real(b.rows.at[i].text[k], &number);
                if (got == CELL_NULL) continue;
                is_number[i] = got == CELL_VALUE;
                has_any[i] = 1;
            }
    for (int i = 0; i < all->c.n; i++) is_number[i] = is_number[i] && has_any[i];
    *rows = csv_counts(r).accepted;
    return e->kind == ERR_NONE;
}

/* Chooses the columns; *rows is an upper bound of the rows that will come. */
static bool choose_csv(const char *path, const char *only, const char *id, wanted *w, int64_t *rows,
                       scope *s, err *e) {
    csv_head head;
    if (!csv_head_of(s, path, &head, e)) return false;
    w->columns = take(&s->keep, contract_column, head.n + 1);
    w->c = (contract){.source = "the table", .columns = w->columns};
    if (head.n >= contract_columns_max)
        return refuse(e, "%s has %d columns; at most %d are read as a matrix", path, head.n,
                      contract_columns_max - 1);
    wanted all = *w;
    all.columns = take(&s->keep, contract_column, head.n);
    all.c.columns = all.columns;
    uint8_t *is_number = take(&s->keep, uint8_t, head.n + 1);
    for (int i = 0; i < head.n; i++) want(&all, head.headers[i], CONTRACT_TEXT, &s->keep);
    if (!find_numbers(path, &all, is_number, rows, s, e)) return false;
    if (only && !want_only(w, path, only, head.headers, head.n, &s->keep, e)) return false;
    for (int i = 0; !only && i < head.n; i++)
        if (is_number[i] && !(id && contract_same_name(head.headers[i], slice_of(id))))
            want(w, head.headers[i], CONTRACT_REAL, &s->keep);
    w->n_numbers = w->c.n;
    if (w->n_numbers == 0) {
        refuse(e, *rows == 0 ? "%s has no row that passes" : "%s has no column of numbers", path);
        return fail_cause(e, "bad_data");
    }
    return want_id(w, path, id, head.headers, head.n, &s->keep, e);
}

static bool refuse_gap(const char *path, int64_t line, const char *name, err *e) {
    refuse(e, "%s:%lld: column %s has no number: fill it in, or leave the column out", path,
           (long long)line, name);
    return fail_cause(e, "bad_data");
}

static bool copy_batch(const char *path, const csv_batch *b, const wanted *w, table_matrix *out,
                       arena *keep, err *e) {
    const int64_t *line = b->rows.at[w->c.n].i64;
    for (int64_t k = 0; k < b->rows.rows; k++, out->rows++) {
        for (int i = 0; i < w->n_numbers; i++) {
            bool gap = !column_has(&b->rows.at[i], k);
            if (gap && !w->gaps) return refuse_gap(path, line[k], w->columns[i].name, e);
            out->at[out->rows * out->cols + i] = gap ? (double)NAN : b->rows.at[i].real[k];
        }
        if (!w->has_id) continue;
        const column *id = &b->rows.at[w->n_numbers];
        slice t = column_has(id, k) ? id->text[k] : SLICE("");
        out->ids[out->rows] = (slice){slice_copy(keep, t), t.n};
    }
    return true;
}

static bool read_csv(const char *path, const table_wish *wish, arena *keep, table_matrix *out,
                     table_count *count, scope *s, err *e) {
    wanted w = {.gaps = wish->gaps};
    csv_batch b;
    int64_t most = 0;
    if (!choose_csv(path, wish->only, wish->id, &w, &most, s, e)) return false;
    out->cols = w.n_numbers;
    out->names = take(keep, const char *, w.n_numbers);
    for (int i = 0; i < w.n_numbers; i++)
        out->names[i] = slice_copy(keep, slice_of(w.columns[i].name));
    out->at = take(keep, double, most * w.n_numbers);
    out->ids = w.has_id ? take(keep, slice, most) : NULL;
    csv *r = csv_open(s, path, &w.c, params_for(&w), e);
    if (!r) return false;
    while (csv_next(r, &b, e) && !b.end) {
        for (int64_t i = 0; i < b.n_problems; i++) {
            const csv_problem *p = &b.problems[i];
            arena memory = s->scratch;
            table_count one = {0};
            slice observed = csv_printable(&memory, p->observed);
            table_example(&one, path, p->line, p->rule, p->column, observed, p->expected);
            if (p->column) { /* a cell of a named column is no number */
                refuse(e, "%s", one.examples[0]);
                return fail_cause(e, "bad_data");
            }
            if (count->n_examples < 3)
                memcpy(count->examples[count->n_examples++], one.examples[0],
                       sizeof one.examples[0]);
        }
        if (out->rows + b.rows.rows > most)
            return fail(e, "%s changed while it was read", path);
        if (!copy_batch(path, &b, &w, out, keep, e)) return false;
    }
    csv_count c = csv_counts(r);
    count->seen = c.seen, count->accepted = c.accepted;
    count->quarantined = c.quarantined, count->blank = c.blank;
    return e->kind == ERR_NONE;
}

/* ---- Parquet and NumPy ---- */

static bool is_numeric(slice type) {
    static const char *const words[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
                                        "HUGEINT",  "FLOAT",     "DOUBLE",   "BOOLEAN"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(type, words[i])) return true;
    return type.n > 7 && memcmp(type.p, "DECIMAL", 7) == 0;
}

static bool choose_engine(const char *path, const char *only, const char *id, const slice *names,
                          const slice *types, int n, wanted *w, scope *s, err *e) {
    w->columns = take(&s->keep, contract_column, n + 1);
    w->c = (contract){.source = "the table", .columns = w->columns};
    if (only && !want_only(w, path, only, names, n, &s->keep, e)) return false;
    for (int i = 0; !only && i < n; i++)
        if (is_numeric(types[i]) && !(id && contract_same_name(names[i], slice_of(id))))
            want(w, names[i], CONTRACT_REAL, &s->keep);
    w->n_numbers = w->c.n;
    if (w->n_numbers == 0) return refuse(e, "%s has no column of numbers", path);
    if (w->n_numbers > 250)
        return refuse(e, "%s has more than 250 columns of numbers: name those to be used", path);
    return want_id(w, path, id, names, n, &s->keep, e);
}

static bool read_engine(db *d, const char *path, const table_wish *wish, arena *keep,
                        table_matrix *out, table_count *count, scope *s, err *e) {
    wanted w = {.gaps = wish->gaps};
    char *relation;
    slice *names, *types;
    int n;
    columns c;
    text *sql = take(&s->keep, text, 1);
    text_open(sql, s);
    if (!table_relation(d, path, NULL, "table_matrix_array", &s->keep, &relation, e) ||
        !table_describe(d, path, relation, &s->keep, &names, &types, &n, e) ||
        !choose_engine(path, wish->only, wish->id, names, types, n, &w, s, e))
        return false;
    for (int i = 0; i < w.c.n; i++)
        text_addf(sql, "TRY_CAST(%s AS %s) AS c%d, ",
                  db_name(&s->keep, slice_of(w.columns[i].name)),
                  i < w.n_numbers ? "DOUBLE" : "VARCHAR", i);
    if (!db_query(d, &s->keep, &c, e,
                  "SELECT %s file_row_number FROM %s ORDER BY file_row_number",
                  text_slice(sql).p, relation))
        return fail_in(e, path);
    *out = (table_matrix){.rows = c.rows, .cols = w.n_numbers};
    out->at = take(keep, double, c.rows * w.n_numbers);
    out->names = take(keep, const char *, w.n_numbers);
    for (int i = 0; i < w.n_numbers; i++) {
        out->names[i] = slice_copy(keep, slice_of(w.columns[i].name));
        for (int64_t k = 0; k < c.rows; k++) {
            double v = c.at[i].real[k];
            bool gap = !column_has(&c.at[i], k) || v - v != 0; /* NULL, NaN or infinite */
            if (gap && !w.gaps) return refuse_gap(path, k + 2, w.columns[i].name, e);
            out->at[k * w.n_numbers + i] = gap ? (double)NAN : v;
        }
    }
    out->ids = w.has_id ? take(keep, slice, c.rows) : NULL;
    for (int64_t k = 0; w.has_id && k < c.rows; k++) {
        slice t = column_has(&c.at[w.n_numbers], k) ? c.at[w.n_numbers].text[k] : SLICE("");
        out->ids[k] = (slice){slice_copy(keep, t), t.n};
    }
    count->seen = count->accepted = c.rows;
    return true;
}

/* A NumPy array as it lies in its file; columns are column1, column2, … */
static bool read_array(const char *path, const table_wish *wish, arena *keep, table_matrix *out,
                       table_count *count, scope *s, err *e) {
    npy_array a;
    if (!table_can_open(path, e) || !npy_open(s, path, &a, e)) return false;
    if (a.cols > ARRAY_COLUMNS)
        return refuse(e, "%s has %lld columns; at most %d are read as a matrix", path,
                      (long long)a.cols, ARRAY_COLUMNS);
    int n = (int)a.cols;
    slice *names = take(&s->keep, slice, n);
    for (int i = 0; i < n; i++)
        names[i] = slice_of(arena_text(keep, "column%d", i + 1));
    wanted w = {.columns = take(&s->keep, contract_column, n + 1)};
    if (wish->only && !want_only(&w, path, wish->only, names, n, &s->keep, e)) return false;
    for (int i = 0; !wish->only && i < n; i++) want(&w, names[i], CONTRACT_REAL, &s->keep);
    *out = (table_matrix){.rows = a.rows, .cols = w.c.n};
    out->at = take_raw(keep, double, a.rows * w.c.n);
    out->names = take(keep, const char *, w.c.n);
    for (int i = 0; i < w.c.n; i++) {
        int from = find_header(names, n, slice_of(w.columns[i].name));
        out->names[i] = names[from].p;
        for (int64_t k = 0; k < a.rows; k++) {
            double v = npy_at(&a, k, from);
            bool gap = v - v != 0;
            if (gap && !wish->gaps) return refuse_gap(path, k + 2, out->names[i], e);
            out->at[k * w.c.n + i] = gap ? (double)NAN : v;
        }
    }
    count->seen = count->accepted = a.rows;
    return true;
}

bool table_read_wish(db *d, const char *path, const table_wish *wish, arena *keep,
                     table_matrix *out, table_count *count, err *e) {
    scope s;
    table_count unused;
    if (!count) count = &unused;
    *out = (table_matrix){0};
    *count = (table_count){0};
    if (!scope_open(&s, (size_t)16 << 30, 1 << 20, e)) return false;
    table_kind kind = table_kind_of(path);
    bool done = kind == TABLE_CSV ? read_csv(path, wish, keep, out, count, &s, e)
                : kind == TABLE_NPY && !wish->id
                    ? read_array(path, wish, keep, out, count, &s, e)
                    : read_engine(d, path, wish, keep, out, count, &s, e);
    if (done && out->rows == 0) {
        done = refuse(e, "%s has no row that passes%s%s", path, count->n_examples ? ": " : "",
                      count->n_examples ? count->examples[0] : "");
        fail_cause(e, "bad_data");
    }
    scope_close(&s);
    return done;
}

bool table_read_matrix(db *d, const char *path, const char *only, const char *id, arena *keep,
                       table_matrix *out, table_count *count, err *e) {
    return table_read_wish(d, path, &(table_wish){only, id, false}, keep, out, count, e);
}
