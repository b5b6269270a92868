/* csv_rows: cut records into typed columns by a contract, and the records that fail it. */
#include "data/csv_rows.h"

#include <stdio.h>
#include <string.h>

#include "data/csv_cells.h"

enum { shown_bytes = 4096 }; /* of a cell or a record in a problem */

void csv_shape_init(csv_shape *s, const contract *c, const contract_match *m, int fields,
                    slice header, arena *keep) {
    *s = (csv_shape){.c = c, .fields = fields, .header = header};
    s->expected_fields = arena_text(keep, "%d field%s as in the header", fields,
                                    fields == 1 ? "" : "s");
    for (int i = 0; i < c->n; i++) {
        const contract_column *k = &c->columns[i];
        const char *type = contract_type_word(k->type);
        s->field_of[i] = m->header_of[i];
        s->expected[i] = k->low == 0 && k->high == 0
                             ? type
                             : arena_text(keep, "%s from %.15g to %.15g", type, k->low, k->high);
        if (k->type == CONTRACT_DAY || k->type == CONTRACT_TIME)
            s->expected[i] = k->type == CONTRACT_DAY
                                 ? "date YYYY-MM-DD"
                                 : "YYYY-MM-DD, YYYY-MM-DD HH:MM:SS or Unix time";
    }
}

/* ---- problems ---- */

typedef struct verdict {
    const char *rule, *column, *expected;
    slice observed;
} verdict;

static const verdict broken[] = {
    [CSV_BARE_QUOTE] = {"bare_quote", NULL, "quotes around the whole field, doubled inside", {0}},
    [CSV_TEXT_AFTER_QUOTE] = {"text_after_quote", NULL, "a delimiter after the closing quote", {0}},
    [CSV_UNCLOSED_QUOTE] = {"unclosed_quote", NULL, "a closing quote within 1 MiB", {0}},
    [CSV_FIELD_TOO_LONG] = {"field_too_long", NULL, "at most 1 MiB a field", {0}},
    [CSV_ROW_TOO_LONG] = {"row_too_long", NULL, "at most 2 MiB a row", {0}},
};

static slice shown(slice s) { return (slice){s.p, s.n < shown_bytes ? s.n : shown_bytes}; }

static void add_problem(csv_group *g, const csv_record *r, slice raw, const verdict *v) {
    g->problems[g->n_problems++] = (csv_problem){.line = r->line,
                                                 .rule = v->rule,
                                                 .column = v->column,
                                                 .observed = shown(v->observed),
                                                 .expected = v->expected,
                                                 .raw = shown(raw)};
}

/* ---- one cell ---- */

typedef struct field {
    slice s;
    bool was_quoted;
} field;

/* Takes quotes away; doubled ones inside become single in memory of the group. */
static field open_field(slice s, char **memory) {
    if (s.n < 2 || s.p[0] != '"') return (field){s, false};
    s = (slice){s.p + 1, s.n - 2};
    const char *pair = memchr(s.p, '"', s.n);
    if (!pair) return (field){s, true};
    char *out = *memory;
    size_t n = (size_t)(pair - s.p) + 1;
    memcpy(out, s.p, n);
    for (size_t i = n + 1; i < s.n; i++) {
        out[n++] = s.p[i];
        if (s.p[i] == '"') i++;
    }
    *memory += n;
    return (field){{out, n}, true};
}

static bool in_range(const contract_column *k, double value) {
    return (k->low == 0 && k->high == 0) || (value >= k->low && value <= k->high);
}

static const char *rule_of(cell c, contract_type type) {
    static const char *const bad[] = {"", "not_a_whole_number", "not_a_number", "not_a_date",
                                      "not_a_date"};
    return c == CELL_TOO_LARGE ? "out_of_range" : bad[type];
}

/* Text passes as it is, but it must be text. */
static cell take_text(field f, bool odd, slice *out, verdict *v) {
    if (cell_text_is_null(f.s, f.was_quoted)) return CELL_NULL;
    *out = f.s;
    if (!odd) return CELL_VALUE;
    if (memchr(f.s.p, 0, f.s.n)) *v = (verdict){.rule = "nul_byte", .expected = "text"};
    else if (slice_utf8_prefix(f.s) != f.s.n)
        *v = (verdict){.rule = "invalid_utf8", .expected = "UTF-8 text"};
    return v->rule ? CELL_BAD : CELL_VALUE;
}

/* Writes the cell to its place; false when it fails the contract: *v says how. */
static bool take_cell(const csv_shape *s, int i, field f, bool odd, const column *to, int64_t row,
                      verdict *v) {
    const contract_column *k = &s->c->columns[i];
    cell got = CELL_BAD;
    bool fits = true;
    *v = (verdict){0};
    switch (k->type) {
    case CONTRACT_TEXT: got = take_text(f, odd, &to->text[row], v); break;
    case CONTRACT_INT:
        got = cell_int(f.s, &to->i64[row]);
        fits = got != CELL_VALUE || in_range(k, (double)to->i64[row]);
        break;
    case CONTRACT_REAL:
        got = cell_real(f.s, &to->real[row]);
        fits = got != CELL_VALUE || in_range(k, to->real[row]);
        break;
    case CONTRACT_DAY: got = cell_day(f.s, &to->i32[row]); break;
    case CONTRACT_TIME: got = cell_time(f.s, &to->i64[row]); break;
    }
    to->valid[row] = got == CELL_VALUE;
    if (got == CELL_VALUE && fits) return true;
    if (got == CELL_NULL && (!k->required || k->may_be_empty)) return true;
    if (!v->rule) {
        v->rule = got == CELL_NULL ? "missing" : fits ? rule_of(got, k->type) : "out_of_range";
        v->expected = s->expected[i];
    }
    v->column = k->name;
    v->observed = f.s;
    return false;
}

/* ---- one record ---- */

/* Nothing but spaces and delimiters (rows that a spreadsheet left), or old systems' end mark. */
static bool is_blank(slice raw, char delimiter) {
    if (raw.n > 0 && raw.p[0] != ' ' && raw.p[0] != '\t' && raw.p[0] != delimiter &&
        raw.p[0] != 0x1A)
        return false;
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] != ' ' && raw.p[i] != '\t' && raw.p[i] != delimiter && raw.p[i] != 0x1A)
            return false;
    return true;
}

static bool check_shape(const csv_shape *s, const csv_record *r, slice raw, verdict *v,
                        char **memory) {
    if (r->rule != CSV_FINE) return *v = broken[r->rule], v->observed = raw, false;
    if (raw.n == s->header.n && memcmp(raw.p, s->header.p, raw.n) == 0)
        return *v = (verdict){"repeated_header", NULL, "a row of values", raw}, false;
    if ((int)r->fields == s->fields) return true;
    int n = snprintf(*memory, csv_record_room, "%u field%s", r->fields, r->fields == 1 ? "" : "s");
    *v = (verdict){(int)r->fields < s->fields ? "short_row" : "long_row", NULL, s->expected_fields,
                   (slice){*memory, (size_t)n}};
    *memory += n;
    return false;
}

static bool take_record(const csv_shape *s, const csv_cutter *cut, const csv_record *r,
                        const columns *to, int64_t row, verdict *v,
                        char **memory) {
    const uint32_t *ends = cut->ends + r->first;
    for (int i = 0; i < s->c->n; i++) {
        int at = s->field_of[i];
        if (at < 0) continue;
        uint32_t from = at == 0 ? r->start : ends[at - 1] + 1;
        field f = open_field((slice){cut->bytes + from, ends[at] - from}, memory);
        if (!take_cell(s, i, f, r->odd, &to->at[i], row, v)) return false;
    }
    to->at[s->c->n].i64[row] = r->line;
    return true;
}

void csv_rows_parse(const csv_shape *s, const csv_cutter *cut, int64_t from, int64_t n,
                    const columns *to, csv_group *g) {
    g->rows = g->blank = g->n_problems = 0;
    for (int64_t i = from; i < from + n; i++) {
        const csv_record *r = &cut->records[i];
        slice raw = {cut->bytes + r->start, r->end - r->start};
        verdict v;
        if (r->rule == CSV_FINE && is_blank(raw, cut->delimiter)) g->blank++;
        else if (check_shape(s, r, raw, &v, &g->memory) &&
                 take_record(s, cut, r, to, from + g->rows, &v, &g->memory))
            g->rows++;
        else add_problem(g, r, raw, &v);
    }
}
