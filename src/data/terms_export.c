/* terms_export: the contract of a source in three other languages. */
#include "data/terms_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "data/db.h"

static const terms_column nothing;

static const terms_column *terms_of(const terms *t, const contract_column *k) {
    const terms_column *c = terms_find(t, k->name);
    return c ? c : &nothing;
}

static contract_type type_of(const terms_column *c, const contract_column *k) {
    return c->column ? c->type : k->type;
}

static bool is_required(const terms_column *c, const contract_column *k) {
    return c->required || (k->required && !k->may_be_empty);
}

/* The narrower of the contract's own bound and the owner's, as text; NULL = none. */
static const char *low_of(const terms_column *c, const contract_column *k, char room[32]) {
    if (c->low || (k->low == 0 && k->high == 0)) return c->low;
    snprintf(room, 32, "%.15g", k->low);
    return room;
}

static const char *high_of(const terms_column *c, const contract_column *k, char room[32]) {
    if (c->high || (k->low == 0 && k->high == 0)) return c->high;
    snprintf(room, 32, "%.15g", k->high);
    return room;
}

static int key_place(const terms *t, const contract_column *k) {
    for (int i = 0; t && i < t->n_key; i++)
        if (t->key[i] == k) return i + 1;
    return 0;
}

/* A text in double quotes, as JSON and YAML both read it. */
static void add_quoted(text *to, const char *said) {
    text_add_char(to, '"');
    for (const char *c = said; *c; c++) {
        if (*c == '"' || *c == '\\') text_addf(to, "\\%c", *c);
        else if ((unsigned char)*c < 32) text_addf(to, "\\u%04x", (unsigned)*c);
        else text_add_char(to, *c);
    }
    text_add_char(to, '"');
}

/* ---- ODCS ---- */

static void odcs_options(text *to, const terms_column *c, const contract_column *k) {
    char a[32], b[32];
    const char *low = low_of(c, k, a), *high = high_of(c, k, b);
    bool is_day = type_of(c, k) >= CONTRACT_DAY;
    if (!low && !high && !c->pattern) return;
    text_addf(to, "        logicalTypeOptions:\n");
    if (low) text_addf(to, is_day ? "          minimum: \"%s\"\n" : "          minimum: %s\n", low);
    if (high)
        text_addf(to, is_day ? "          maximum: \"%s\"\n" : "          maximum: %s\n", high);
    if (!c->pattern) return;
    text_addf(to, "          pattern: ");
    add_quoted(to, c->pattern);
    text_add_char(to, '\n');
}

static void odcs_values(text *to, const terms_column *c) {
    if (c->n_values == 0) return;
    text_addf(to, "        quality:\n          - type: library\n            metric: invalidValues\n"
                  "            arguments:\n              validValues: [");
    for (int i = 0; i < c->n_values; i++) {
        if (i) text_add(to, SLICE(", "));
        add_quoted(to, c->values[i]);
    }
    text_addf(to, "]\n            mustBe: 0\n");
}

static void odcs_property(text *to, const terms *t, const contract_column *k) {
    static const char *const logical[] = {"string", "integer", "number", "date", "timestamp"},
                            *const physical[] = {"VARCHAR", "BIGINT", "DOUBLE", "DATE",
                                                 "TIMESTAMP"};
    const terms_column *c = terms_of(t, k);
    text_addf(to, "      - name: %s\n        logicalType: %s\n        physicalType: %s\n", k->name,
              logical[type_of(c, k)], physical[k->type]);
    if (c->description) {
        text_addf(to, "        description: ");
        add_quoted(to, c->description);
        text_add_char(to, '\n');
    }
    if (is_required(c, k)) text_addf(to, "        required: true\n");
    if (c->unique) text_addf(to, "        unique: true\n");
    int place = key_place(t, k);
    if (place) text_addf(to, "        primaryKey: true\n        primaryKeyPosition: %d\n", place);
    if (c->pii) text_addf(to, "        classification: %s\n", c->pii);
    odcs_options(to, c, k);
    odcs_values(to, c);
    if (c->other_source)
        text_addf(to,
                  "        relationships:\n          - type: foreignKey\n            to: %s.%s\n",
                  c->other_source, c->other_column);
}

void terms_odcs(text *to, const contract *c, const terms *t) {
    text_addf(to, "apiVersion: v3.1.0\nkind: DataContract\nid: atelier-%s\nname: %s\n"
                  "version: 1.0.0\nstatus: active\nschema:\n  - name: %s\n"
                  "    physicalName: raw_%s\n    physicalType: table\n    logicalType: object\n",
              c->source, c->source, c->source, c->source);
    if (t && t->description) {
        text_addf(to, "    description: ");
        add_quoted(to, t->description);
        text_add_char(to, '\n');
    }
    if (t && (t->least_rows || t->most_rows)) {
        text_addf(to, "    quality:\n      - type: library\n        metric: rowCount\n");
        if (t->most_rows)
            text_addf(to, "        mustBeBetween: [%lld, %lld]\n", (long long)t->least_rows,
                      (long long)t->most_rows);
        else text_addf(to, "        mustBeGreaterOrEqualTo: %lld\n", (long long)t->least_rows);
    }
    text_addf(to, "    properties:\n");
    for (int i = 0; i < c->n; i++) odcs_property(to, t, &c->columns[i]);
    if (t && t->fresh && t->fresh_fail_days)
        text_addf(to, "slaProperties:\n  - property: latency\n    value: %d\n    unit: d\n"
                      "    element: %s.%s\n",
                  t->fresh_fail_days, c->source, t->fresh->name);
}

/* ---- JSON Schema ---- */

static void schema_property(js *j, const terms *t, const contract_column *k) {
    static const char *const types[] = {"string", "integer", "number", "string", "string"};
    const terms_column *c = terms_of(t, k);
    contract_type type = type_of(c, k);
    char a[32], b[32];
    const char *low = low_of(c, k, a), *high = high_of(c, k, b);
    js_object(j, k->name);
    if (is_required(c, k)) js_put_word(j, "type", types[type]);
    else {
        js_array(j, "type");
        js_put_word(j, NULL, types[type]);
        js_put_word(j, NULL, "null");
        js_end(j);
    }
    if (c->description) js_put_word(j, "description", c->description);
    if (type == CONTRACT_DAY) js_put_word(j, "format", "date");
    if (type == CONTRACT_TIME) js_put_word(j, "format", "date-time");
    if (type < CONTRACT_DAY && low) js_put_real(j, "minimum", strtod(low, NULL));
    if (type < CONTRACT_DAY && high) js_put_real(j, "maximum", strtod(high, NULL));
    if (c->pattern) js_putf(j, "pattern", "^(?:%s)$", c->pattern);
    if (c->n_values) {
        js_array(j, "enum");
        for (int i = 0; i < c->n_values; i++) js_put_word(j, NULL, c->values[i]);
        if (!is_required(c, k)) js_put_null(j, NULL);
        js_end(j);
    }
    js_end(j);
}

void terms_json_schema(scope *s, text *to, const contract *c, const terms *t) {
    js *j = take(&s->keep, js, 1);
    js_open(j, s);
    j->indent = true;
    js_object(j, NULL);
    js_put_word(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    js_put_word(j, "title", c->source);
    if (t && t->description) js_put_word(j, "description", t->description);
    js_put_word(j, "type", "object");
    js_object(j, "properties");
    for (int i = 0; i < c->n; i++) schema_property(j, t, &c->columns[i]);
    js_end(j);
    js_array(j, "required");
    for (int i = 0; i < c->n; i++)
        if (is_required(terms_of(t, &c->columns[i]), &c->columns[i]))
            js_put_word(j, NULL, c->columns[i].name);
    js_end(j);
    js_put_bool(j, "additionalProperties", true);
    js_end(j);
    text_add(to, text_slice(&j->out));
    text_add_char(to, '\n');
}

/* ---- PostgreSQL ---- */

/* CHECK ("price" >= 0 AND "price" <= 5). */
static void sql_checks(scope *s, text *to, const terms_column *c, const contract_column *k) {
    char a[32], b[32];
    const char *low = low_of(c, k, a), *high = high_of(c, k, b);
    const char *name = db_name(&s->keep, slice_of(k->name));
    const char *quote = k->type >= CONTRACT_DAY ? "'" : "";
    if (k->type == CONTRACT_TEXT) low = high = NULL; /* words that read as numbers stay text */
    if (low) text_addf(to, " CHECK (%s >= %s%s%s)", name, quote, low, quote);
    if (high) text_addf(to, " CHECK (%s <= %s%s%s)", name, quote, high, quote);
    if (c->pattern)
        text_addf(to, " CHECK (CAST(%s AS text) ~ %s)", name,
                  db_literal(&s->keep, slice_of(arena_text(&s->keep, "^(?:%s)$", c->pattern))));
    if (c->n_values) text_addf(to, " CHECK (CAST(%s AS text) IN (", name);
    for (int i = 0; i < c->n_values; i++)
        text_addf(to, "%s%s%s", i ? ", " : "", db_literal(&s->keep, slice_of(c->values[i])),
                  i + 1 < c->n_values ? "" : "))");
}

static void sql_table(scope *s, text *to, const contract *c, const terms *t) {
    static const char *const types[] = {"text", "bigint", "double precision", "date", "timestamp"};
    text_addf(to, "CREATE TABLE %s (", db_name(&s->keep, slice_of(c->source)));
    for (int i = 0; i < c->n; i++) {
        const contract_column *k = &c->columns[i];
        const terms_column *of = terms_of(t, k);
        text_addf(to, "%s\n    %s %s%s%s", i ? "," : "", db_name(&s->keep, slice_of(k->name)),
                  types[k->type], is_required(of, k) ? " NOT NULL" : "",
                  of->unique ? " UNIQUE" : "");
        sql_checks(s, to, of, k);
    }
    for (int i = 0; t && i < t->n_key; i++)
        text_addf(to, "%s%s%s", i ? ", " : ",\n    UNIQUE (",
                  db_name(&s->keep, slice_of(t->key[i]->name)), i + 1 < t->n_key ? "" : ")");
    text_addf(to, "\n);\n");
}

static bool is_key(const terms *t, const char *name) {
    const terms_column *c = terms_find(t, name);
    return (c && c->unique) || (t && t->n_key == 1 && strcmp(t->key[0]->name, name) == 0);
}

/* A foreign key needs a unique column to point at. */
static void sql_reference(scope *s, text *to, const terms *const all[6], const char *source,
                          const terms_column *c) {
    const contract *other = contract_find(c->other_source);
    const char *table = db_name(&s->keep, slice_of(c->other_source)),
               *name = db_name(&s->keep, slice_of(c->other_column));
    if (!is_key(all[other - contract_sources], c->other_column))
        text_addf(to, "ALTER TABLE %s ADD UNIQUE (%s);\n", table, name);
    text_addf(to, "ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s);\n",
              db_name(&s->keep, slice_of(source)), db_name(&s->keep, slice_of(c->column->name)),
              table, name);
}

void terms_postgresql(scope *s, text *to, const terms *const all[6], const bool has[6]) {
    for (int i = 0; i < 6; i++)
        if (has[i]) sql_table(s, to, &contract_sources[i], all[i]);
    for (int i = 0; i < 6; i++)
        for (int k = 0; all[i] && has[i] && k < all[i]->n; k++) {
            const terms_column *c = &all[i]->columns[k];
            if (c->other_source && has[contract_find(c->other_source) - contract_sources])
                sql_reference(s, to, all, contract_sources[i].source, c);
        }
}
