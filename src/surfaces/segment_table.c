/* segment_table: a table on its way to clusters: what can be used of it, on one scale. */
#include "surfaces/segment_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/order.h"
#include "data/folder.h"
#include "data/npy.h"
#include "models/segment/validity.h"

/* ---- columns ---- */

/* True when two known values of the column differ. */
static bool varies(const table_matrix *t, int c) {
    double first = (double)NAN;
    for (int64_t i = 0; i < t->rows; i++) {
        double v = t->at[i * t->cols + c];
        if (isnan(v)) continue;
        if (isnan(first)) first = v;
        if (v != first) return true;
    }
    return false;
}

/* True for a column that names the rows: called …id, whole numbers, none of them twice. */
static bool names_rows(const table_matrix *t, int c, arena scratch) {
    slice name = slice_of(t->names[c]);
    if (name.n < 2 || !slice_is_nocase((slice){name.p + name.n - 2, 2}, "id")) return false;
    double *value = take(&scratch, double, t->rows);
    for (int64_t i = 0; i < t->rows; i++) {
        value[i] = t->at[i * t->cols + c];
        if (isnan(value[i]) || value[i] != floor(value[i])) return false;
    }
    int32_t *order = order_count(t->rows, &scratch);
    order_up(order, t->rows, value, scratch);
    for (int64_t i = 1; i < t->rows; i++)
        if (value[order[i]] == value[order[i - 1]]) return false;
    return t->rows > 1;
}

/* Takes columns out of t; those that stay move together. */
static void drop_columns(table_matrix *t, const bool *drop) {
    int kept = 0;
    for (int c = 0; c < t->cols; c++)
        if (!drop[c]) t->names[kept++] = t->names[c];
    double *to = t->at;
    for (int64_t i = 0; i < t->rows; i++)
        for (int c = 0; c < t->cols; c++)
            if (!drop[c]) *to++ = t->at[i * t->cols + c];
    t->cols = kept;
}

/* Says which names are left out and why, on stderr and as an array of out. */
static void say_left_out(const char *path, const char *const *names, int n, const char *key,
                         const char *why, js *out) {
    js_array(out, key);
    for (int i = 0; i < n; i++) js_put_word(out, NULL, names[i]);
    js_end(out);
    if (n == 0) return;
    fprintf(stderr, "%s: left out, because %s: ", path, why);
    for (int i = 0; i < n && i < 12; i++) fprintf(stderr, "%s%s", i ? ", " : "", names[i]);
    if (n > 12) fprintf(stderr, " and %d more", n - 12);
    fprintf(stderr, "\n");
}

/* Columns of the file that hold text, when none were named. */
static bool say_texts(segment_table *t, bench *b, scope *s, js *out, err *e) {
    slice *headers = NULL;
    int n = 0, texts = 0;
    slice path = slice_of(t->job.path);
    bool array = path.n > 4 && slice_is_nocase((slice){path.p + path.n - 4, 4}, ".npy");
    if (!t->wish.columns && !array && !table_headers(b->d, t->job.path, s, &headers, &n, e))
        return false;
    const char **names = take(&s->keep, const char *, n);
    for (int i = 0; i < n; i++) {
        bool known = (t->wish.id && slice_is(headers[i], t->wish.id)) ||
                     (t->wish.labels && slice_is(headers[i], t->wish.labels));
        for (int c = 0; c < t->t.cols && !known; c++) known = slice_is(headers[i], t->t.names[c]);
        if (!known) names[texts++] = slice_copy(&s->keep, headers[i]);
    }
    say_left_out(t->job.path, names, texts, "text_columns", "they hold no numbers", out);
    return true;
}

static bool choose_columns(segment_table *t, bench *b, scope *s, js *out, err *e) {
    table_matrix *m = &t->t;
    bool *drop = take(&s->keep, bool, m->cols);
    const char **still = take(&s->keep, const char *, m->cols);
    const char **keys = take(&s->keep, const char *, m->cols);
    int n_still = 0, n_keys = 0;
    if (!say_texts(t, b, s, out, e)) return false;
    for (int c = 0; c < m->cols; c++) {
        drop[c] = true;
        if (!t->wish.columns && t->wish.labels && strcmp(m->names[c], t->wish.labels) == 0)
            continue;
        if (!varies(m, c)) still[n_still++] = m->names[c];
        else if (!t->wish.columns && names_rows(m, c, s->scratch)) keys[n_keys++] = m->names[c];
        else drop[c] = false;
    }
    say_left_out(t->job.path, keys, n_keys, "key_columns",
                 "they name the rows (--columns takes them in)", out);
    say_left_out(t->job.path, still, n_still, "constant_columns", "they do not vary", out);
    drop_columns(m, drop);
    if (m->cols > 0) return true;
    return refuse(e, "%s: no column of numbers varies among its %lld rows, so there is nothing to "
                     "cluster by", t->job.path, (long long)m->rows);
}

/* ---- rows ---- */

static bool choose_rows(segment_table *t, scope *s, js *out, err *e) {
    const table_matrix *m = &t->t;
    int64_t n = 0;
    const char *gappy = NULL;
    t->row = take(&s->keep, int64_t, m->rows);
    for (int64_t i = 0; i < m->rows; i++) {
        int gap = 0;
        while (gap < m->cols && !isnan(m->at[i * m->cols + gap])) gap++;
        if (gap == m->cols) t->row[n++] = i;
        else if (!gappy) gappy = m->names[gap];
    }
    js_put_int(out, "excluded_rows", m->rows - n);
    if (n < m->rows)
        fprintf(stderr,
                "%s: %lld of %lld rows have a number missing or infinite (the first in column %s) "
                "and get no cluster\n",
                t->job.path, (long long)(m->rows - n), (long long)m->rows, gappy);
    t->job.n = n;
    if (n > 0) return true;
    return refuse(e, "%s: each of its %lld rows has a number missing: fill them in, or name fewer "
                     "columns by --columns", t->job.path, (long long)m->rows);
}

/* The rows that take part, one after the other. */
static double *rows_of(const segment_table *t, scope *s) {
    const table_matrix *m = &t->t;
    if (t->job.n == m->rows) return m->at;
    double *x = take_raw(&s->keep, double, t->job.n * m->cols);
    for (int64_t i = 0; i < t->job.n; i++)
        memcpy(x + i * m->cols, m->at + t->row[i] * m->cols, (size_t)m->cols * sizeof *x);
    return x;
}

/* Which columns --log means. */
static bool choose_logs(segment_table *t, scope *s, js *out, err *e) {
    const table_matrix *m = &t->t;
    bool all = t->wish.log && strcmp(t->wish.log, "all") == 0;
    t->by = (transform_model){.cols = m->cols, .log = take(&s->keep, uint8_t, m->cols)};
    if (!t->wish.log) return true;
    for (slice list = slice_of(t->wish.log); !all && list.n > 0;) {
        const char *comma = memchr(list.p, ',', list.n);
        slice name = {list.p, comma ? (size_t)(comma - list.p) : list.n};
        int c = 0;
        list = (slice){name.p + name.n + (comma != NULL), list.n - name.n - (comma != NULL)};
        name = slice_trim(name);
        while (c < m->cols && !slice_is(name, m->names[c])) c++;
        if (c == m->cols) {
            const char *near = slice_nearest(name, m->names, m->cols);
            return refuse(e, "--log: '%.*s' is no column that takes part%s%s%s", (int)name.n,
                          name.p, near ? ": is it '" : "", near ? near : "", near ? "'?" : "");
        }
        t->by.log[c] = 1;
    }
    if (all) memset(t->by.log, 1, (size_t)m->cols);
    js_array(out, "log_columns");
    for (int c = 0; c < m->cols; c++)
        if (t->by.log[c]) js_put_word(out, NULL, m->names[c]);
    js_end(out);
    return true;
}

static bool put_on_scale(segment_table *t, scope *s, err *e) {
    segment_job *j = &t->job;
    j->d = t->t.cols;
    j->wide = transform_log(&t->by, rows_of(t, s), j->n, &s->keep);
    if (t->wish.raw) return true;
    scale_params p = {t->wish.tail, 1, t->wish.kind};
    t->by.scale = scale_fit(j->wide, j->n, j->d, p, &s->keep, s->scratch);
    j->d = t->by.scale.d;
    if (j->d == 0)
        return refuse(e, "%s: no column of numbers varies once its tails are drawn in: try "
                         "--winsorise 0", j->path);
    j->wide = scale_apply_wide(&t->by.scale, j->wide, j->n, &s->keep);
    return true;
}

static bool turn(segment_table *t, scope *s, js *out, err *e) {
    segment_job *j = &t->job;
    pca_model *m = &t->by.pca;
    pca_params p = {t->wish.share, t->wish.components, true};
    if (t->wish.components == 0) return true;
    if (!pca_fit(m, j->wide, j->n, j->d, p, j->b->threads, &s->keep, s->scratch, e)) return false;
    js_object(out, "pca");
    js_put_int(out, "columns", j->d);
    js_put_int(out, "components", m->d);
    js_put_real(out, "variance_kept", m->kept);
    js_end(out);
    fprintf(stderr, "%s: %d of %d components hold %.1f %% of the variance\n", j->path, m->d, j->d,
            100 * m->kept);
    j->wide = pca_apply(m, j->wide, j->n, j->b->threads, &s->keep);
    j->d = m->d;
    return true;
}

/* Refused when a number is too large for a float: its square would be infinite. */
static bool narrow(segment_table *t, scope *s, err *e) {
    segment_job *j = &t->job;
    float *x = take_raw(&s->keep, float, j->n * j->d);
    for (int64_t i = 0; i < j->n * j->d; i++) {
        if (!(fabs(j->wide[i]) < 1e15))
            return refuse(e, "%s: row %lld has the number %.4g, too large to be taken as it is: "
                             "leave --raw out", j->path, (long long)t->row[i / j->d] + 1,
                          j->wide[i]);
        x[i] = (float)j->wide[i];
    }
    j->x = x;
    return true;
}

bool segment_table_read(segment_table *t, const args *a, bench *b, scope *s, js *out, err *e) {
    table_count count;
    const segment_wish *w = &t->wish;
    t->job = (segment_job){.a = a, .b = b, .s = s, .path = args_text(a, "in")};
    table_wish wish = {w->columns, w->id, true};
    if (!table_read_wish(b->d, t->job.path, &wish, &s->keep, &t->t, &count, e)) return false;
    verb_say_count(&count, t->job.path, out);
    return choose_columns(t, b, s, out, e) && choose_rows(t, s, out, e) &&
           choose_logs(t, s, out, e) && put_on_scale(t, s, e) && turn(t, s, out, e) &&
           narrow(t, s, e);
}

/* Refuses a table that has not all the columns; says which of its own are not looked at. */
static bool same_columns(segment_table *t, const char *const *names, bench *b, scope *s, js *out,
                         err *e) {
    const char *path = t->job.path, *missing = NULL;
    slice *headers = NULL;
    int n = 0, others = 0, lacking = 0;
    if (!table_headers(b->d, path, s, &headers, &n, e)) return false;
    const char **has = take(&s->keep, const char *, n), **rest = take(&s->keep, const char *, n);
    for (int i = 0; i < n; i++) has[i] = slice_copy(&s->keep, headers[i]);
    for (int c = 0; c < t->by.cols; c++) {
        int i = 0;
        while (i < n && !contract_same_name(headers[i], slice_of(names[c]))) i++;
        if (i < n) continue;
        lacking++;
        if (!missing) missing = names[c];
    }
    if (missing) {
        const char *near = slice_nearest(slice_of(missing), has, n);
        refuse(e, "%s has no column '%s', which the model was fitted on%s%s%s (%d of its %d are "
                  "missing)", path, missing, near ? "; is it '" : "", near ? near : "",
               near ? "'?" : "", lacking, t->by.cols);
        return fail_cause(e, "bad_data");
    }
    for (int i = 0; i < n; i++) {
        bool known = (t->wish.id && contract_same_name(headers[i], slice_of(t->wish.id))) ||
                     (t->wish.labels && slice_is(headers[i], t->wish.labels));
        for (int c = 0; c < t->by.cols && !known; c++)
            known = contract_same_name(headers[i], slice_of(names[c]));
        if (!known) rest[others++] = has[i];
    }
    say_left_out(path, rest, others, "other_columns", "the model does not know them", out);
    return true;
}

bool segment_table_read_by(segment_table *t, const char *const *names, const args *a, bench *b,
                           scope *s, js *out, err *e) {
    table_count count;
    text *only = take(&s->keep, text, 1);
    segment_job *j = &t->job;
    text_open(only, s);
    *j = (segment_job){.a = a, .b = b, .s = s, .path = args_text(a, "in")};
    slice path = slice_of(j->path);
    bool array = path.n > 4 && slice_is_nocase((slice){path.p + path.n - 4, 4}, ".npy");
    for (int c = 0; c < t->by.cols; c++) text_addf(only, "%s%s", c ? "," : "", names[c]);
    table_wish wish = {text_slice(only).p, t->wish.id, true};
    if ((!array && !same_columns(t, names, b, s, out, e)) ||
        !table_read_wish(b->d, j->path, &wish, &s->keep, &t->t, &count, e))
        return false;
    verb_say_count(&count, j->path, out);
    if (!choose_rows(t, s, out, e)) return false;
    j->wide = transform_apply(&t->by, rows_of(t, s), j->n, b->threads, &s->keep);
    j->d = transform_width(&t->by);
    return narrow(t, s, e);
}

/* ---- known labels ---- */

enum { LABELS = 4096 }; /* different ones, at most */

/* Numbers of the file's last column as labels: texts of them. */
static bool labels_of_file(segment_table *t, slice *texts, err *e) {
    table_matrix m;
    const char *path = t->wish.labels;
    scope *s = t->job.s;
    if (!table_read_wish(t->job.b->d, path, &(table_wish){NULL, NULL, true}, &s->keep, &m, NULL, e))
        return false;
    if (m.rows != t->t.rows)
        return refuse(e, "--labels %s has %lld rows, %s has %lld: they must be the same rows", path,
                      (long long)m.rows, t->job.path, (long long)t->t.rows);
    for (int64_t i = 0; i < m.rows; i++)
        texts[i] = slice_of(arena_text(&s->keep, "%.17g", m.at[(i + 1) * m.cols - 1]));
    return true;
}

static bool labels_of_column(segment_table *t, slice *texts, err *e) {
    table_matrix m;
    scope *s = t->job.s;
    table_wish wish = {t->t.names[0], t->wish.labels, true};
    if (!table_read_wish(t->job.b->d, t->job.path, &wish, &s->keep, &m, NULL, e)) return false;
    if (m.rows != t->t.rows) return fail(e, "%s changed while it was read", t->job.path);
    memcpy(texts, m.ids, (size_t)m.rows * sizeof *texts);
    return true;
}

bool segment_table_agree(segment_table *t, const segment_found *f, js *out, err *e) {
    scope *s = t->job.s;
    const char *labels = t->wish.labels;
    if (!labels) return true;
    int64_t n = t->job.n;
    int32_t *known = take(&s->keep, int32_t, n), *own = take(&s->keep, int32_t, n), c, kinds = 0;
    slice *texts = take(&s->keep, slice, t->t.rows), *names = take(&s->keep, slice, LABELS);
    if (!(file_exists(labels) ? labels_of_file(t, texts, e) : labels_of_column(t, texts, e)))
        return false;
    for (int64_t i = 0; i < n; i++) {
        slice word = texts[t->row[i]];
        for (c = 0; c < kinds && slice_compare(names[c], word) != 0;) c++;
        if (c == LABELS) return refuse(e, "--labels %s has over %d labels", labels, LABELS);
        if (c == kinds) names[kinds++] = word;
        known[i] = c;
        own[i] = f->label[i] >= 0 ? f->label[i] : f->k;
    }
    double ari = validity_ari(known, kinds, own, f->k + 1, n, s->scratch);
    js_put_real(out, "adjusted_rand_index", ari);
    fprintf(stderr, "agreement with %s: adjusted Rand index %.4f\n", labels, ari);
    return true;
}

/* ---- results ---- */

void segment_table_put(const segment_table *t, const segment_found *f, js *out) {
    const table_matrix *m = &t->t;
    arena scratch = t->job.s->scratch;
    int64_t *rows = take(&scratch, int64_t, f->k + 1);
    double *mean = take(&scratch, double, (int64_t)(f->k + 1) * m->cols);
    for (int64_t i = 0; i < t->job.n; i++) {
        int c = f->label[i] >= 0 ? f->label[i] : f->k;
        rows[c]++;
        for (int j = 0; j < m->cols; j++)
            mean[(int64_t)c * m->cols + j] += m->at[t->row[i] * m->cols + j];
    }
    js_put_int(out, "noise_rows", rows[f->k]);
    js_array(out, "clusters");
    for (int c = 0; c < f->k; c++) {
        js_object(out, NULL);
        js_put_int(out, "index", c);
        js_put_int(out, "rows", rows[c]);
        js_object(out, "centre");
        for (int j = 0; j < m->cols; j++)
            js_put_real(out, m->names[j], mean[(int64_t)c * m->cols + j] / (double)rows[c]);
        js_end(out);
        js_end(out);
    }
    js_end(out);
}

static bool write_array(segment_table *t, const segment_found *f, const char *path, err *e) {
    arena scratch = t->job.s->scratch;
    int32_t *label = take(&scratch, int32_t, t->t.rows);
    for (int64_t i = 0; i < t->t.rows; i++) label[i] = -1;
    for (int64_t i = 0; i < t->job.n; i++) label[t->row[i]] = f->label[i];
    return npy_write(path, STORE_I32, t->t.rows, 0, label, e);
}

bool segment_table_write(segment_table *t, const segment_found *f, err *e) {
    const args *a = t->job.a;
    scope *s = t->job.s;
    const char *path = args_text(a, "out"), *id = t->wish.id;
    int64_t all = t->t.rows;
    if (path && slice_is_nocase(slice_of(path + (strlen(path) > 4 ? strlen(path) - 4 : 0)), ".npy"))
        return write_array(t, f, path, e);
    const double *parts[] = {f->strength, f->outlier};
    const char *names[6] = {id ? id : "row", "cluster"}, *extra[] = {"strength", "outlier"};
    column_type types[6] = {COLUMN_TEXT, COLUMN_I32};
    int n = 2, reals = 0;
    for (int i = 0; i < 2; i++)
        if (parts[i]) types[n] = COLUMN_REAL, names[n++] = extra[i], reals++;
    if (f->second) {
        types[n] = COLUMN_I32, names[n++] = "second_cluster";
        types[n] = COLUMN_REAL, names[n++] = "second_strength";
    }
    columns c = columns_new(&s->keep, n, names, types, all);
    uint8_t *in = take(&s->keep, uint8_t, all);
    for (int i = 1; i < n; i++) c.at[i].valid = in;
    for (int64_t i = 0; i < all; i++)
        c.at[0].text[i] = id ? t->t.ids[i]
                             : slice_of(arena_text(&s->keep, "%lld", (long long)i + 1));
    for (int64_t i = 0; i < t->job.n; i++) {
        int64_t to = t->row[i];
        in[to] = 1;
        c.at[1].i32[to] = f->label[i];
        for (int p = 0, at = 2; p < 2; p++)
            if (parts[p]) c.at[at++].real[to] = parts[p][i];
        if (!f->second) continue;
        c.at[2 + reals].i32[to] = f->second[i];
        c.at[3 + reals].real[to] = f->second_strength[i];
    }
    return db_put(t->job.b->d, "clusters", &c, e) &&
           verb_write(a, (bench *)t->job.b, "clusters", e);
}
