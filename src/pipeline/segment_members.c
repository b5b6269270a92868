/* segment_members: which customer is in which segment, as a table in the engine and as a file. */
#include "pipeline/segment_parts.h"

bool segment_labels_make(const segment_present *p, work *w, scope *s, err *e) {
    static const char *const names[] = {"customer", "method", "segment", "strength"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32, COLUMN_I32, COLUMN_REAL};
    columns c = columns_new(&s->keep, 4, names, types, p->b.n * SEGMENT_METHODS);
    int64_t rows = 0;
    for (int g = 0; g < SEGMENT_METHODS; g++)
        for (int64_t i = 0; i < p->b.n; i++) {
            const segment_method *m = &p->methods[g];
            if (m->label[i] < 0) continue;
            c.at[0].i32[rows] = p->b.customer[i];
            c.at[1].i32[rows] = g;
            c.at[2].i32[rows] = m->label[i];
            c.at[3].real[rows++] = m->strength ? m->strength[i] : 1;
        }
    c.rows = rows;
    return db_put(w->d, "segment_labels", &c, e);
}

/* Ids and names of the segments as a table, to be joined. */
static bool put_names(const segment_present *p, work *w, scope *s, err *e) {
    static const char *const names[] = {"method", "segment", "method_name", "id", "name"};
    static const column_type types[] = {COLUMN_I32, COLUMN_I32, COLUMN_TEXT, COLUMN_TEXT,
                                        COLUMN_TEXT};
    int64_t rows = 0;
    for (int g = 0; g < SEGMENT_METHODS; g++) rows += p->methods[g].k;
    columns c = columns_new(&s->keep, 5, names, types, rows);
    rows = 0;
    for (int g = 0; g < SEGMENT_METHODS; g++)
        for (int k = 0; k < p->methods[g].k; k++, rows++) {
            c.at[0].i32[rows] = g;
            c.at[1].i32[rows] = k;
            c.at[2].text[rows] = slice_of(p->methods[g].name);
            c.at[3].text[rows] = p->methods[g].ids[k];
            c.at[4].text[rows] = p->methods[g].names[k];
        }
    return db_put(w->d, "segment_names", &c, e);
}

bool segment_put_members(const segment_present *p, folder *f, work *w, scope *s, err *e) {
    int64_t rows;
    bool done =
        put_names(p, w, s, e) &&
        db_runf(w->d, e,
                "CREATE OR REPLACE TABLE segment_members AS SELECT c.customer_id, l.customer, "
                "n.method_name AS method, n.id AS segment, n.name, l.strength "
                "FROM segment_labels l JOIN segment_names n ON n.method = l.method "
                "AND n.segment = l.segment JOIN customers c ON c.customer = l.customer "
                "ORDER BY l.method, l.segment, l.customer") &&
        db_count(w->d, &rows, e, "SELECT count(*) FROM segment_members") &&
        db_write_parquet(w->d, "segment_members", folder_path(f, "segment_members.parquet"), e) &&
        folder_rows(f, "segment_members.parquet", rows);
    return done && db_runf(w->d, e, "DROP TABLE segment_members; DROP TABLE segment_names; "
                                    "DROP TABLE segment_labels");
}
