/* rfm_files: cut points and names of cells, as tables that atelier rfm reads and writes. */
#include "surfaces/rfm_files.h"

static const contract_column cut_columns[] = {{"measure", CONTRACT_TEXT, true, NULL},
                                              {"cut_1", CONTRACT_REAL, true, NULL},
                                              {"cut_2", CONTRACT_REAL, true, NULL},
                                              {"cut_3", CONTRACT_REAL, true, NULL},
                                              {"cut_4", CONTRACT_REAL, true, NULL}};
static const contract cut_contract = {"cuts", 5, cut_columns};
static const contract_column cell_columns[] = {{"cell", CONTRACT_INT, true, "rfm|score"},
                                               {"name", CONTRACT_TEXT, true, "segment|label"}};
static const contract cell_contract = {"cells", 2, cell_columns};

enum { MEASURES = 3 };
static const char *const measures[MEASURES] = {"recency_days", "frequency", "monetary"};

static double *cuts_at(rfm_cuts *c, int measure) {
    return measure == 0 ? c->recency : measure == 1 ? c->frequency : c->money;
}

/* A row that does not pass is no row to leave out here. */
static bool read_all(bench *b, scope *s, const char *path, const contract *c, const char *table,
                     const char *columns_of, columns *out, err *e) {
    table_count count = {0};
    if (!table_read(b->d, path, c, NULL, table, &count, e)) return false;
    if (count.quarantined > 0) return refuse(e, "%s", count.examples[0]);
    return db_query(b->d, &s->keep, out, e, "SELECT %s FROM %s ORDER BY src_line", columns_of,
                    table);
}

bool rfm_cuts_read(bench *b, scope *s, const char *path, rfm_cuts *cuts, err *e) {
    static const char *const names[RFM_CUTS] = {"cut_1", "cut_2", "cut_3", "cut_4"};
    columns c;
    bool given[MEASURES] = {false};
    if (!read_all(b, s, path, &cut_contract, "cuts", "*", &c, e)) return false;
    *cuts = (rfm_cuts){0};
    for (int64_t i = 0; i < c.rows; i++) {
        slice said = columns_text(&c, "measure")[i];
        int k = 0;
        while (k < MEASURES && !slice_is(said, measures[k])) k++;
        if (k == MEASURES || given[k])
            return refuse(e, "%s: row %lld: measure '%.*s' is not one of recency_days, frequency, "
                             "monetary, or stands there twice",
                          path, (long long)i + 1, (int)said.n, said.p);
        given[k] = true;
        for (int j = 0; j < RFM_CUTS; j++) cuts_at(cuts, k)[j] = columns_real(&c, names[j])[i];
    }
    for (int k = 0; k < MEASURES; k++)
        if (!given[k]) return refuse(e, "%s has no cut points of %s", path, measures[k]);
    const char *why = rfm_cuts_check(cuts);
    return !why || refuse(e, "%s: %s", path, why);
}

bool rfm_cuts_write(bench *b, scope *s, const char *path, const rfm_cuts *cuts, err *e) {
    static const char *const names[] = {"measure", "cut_1", "cut_2", "cut_3", "cut_4"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_REAL, COLUMN_REAL, COLUMN_REAL,
                                        COLUMN_REAL};
    columns c = columns_new(&s->keep, 5, names, types, MEASURES);
    rfm_cuts copy = *cuts;
    for (int k = 0; k < MEASURES; k++) {
        c.at[0].text[k] = slice_of(measures[k]);
        for (int j = 0; j < RFM_CUTS; j++) c.at[1 + j].real[k] = cuts_at(&copy, k)[j];
    }
    return db_put(b->d, "cuts_out", &c, e) && table_write(b->d, "cuts_out", path, e);
}

bool rfm_cells_read(bench *b, scope *s, const char *path, rfm_map *map, err *e) {
    columns c;
    return read_all(b, s, path, &cell_contract, "cells", "cell, name", &c, e) &&
           (rfm_map_own(map, columns_i64(&c, "cell"), columns_text(&c, "name"), c.rows, e) ||
            fail_in(e, path));
}
