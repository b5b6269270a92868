/* attribute_table: a table of attributes of users or items, as features beside interactions. */
#include "surfaces/attribute_table.h"

#include "models/recommend/attributes.h"
#include "pipeline/prelude.h"

/* The id's column as interactions have it, then every header as an attribute. */
static contract make_contract(const contract_column *id, const slice *headers, int n, arena *keep) {
    contract_column *to = take(keep, contract_column, n + 1);
    contract c = {"attributes", 1, to};
    to[0] = *id;
    to[0].name = "the id"; /* never an attribute's name: headers are taken as they are */
    to[0].aliases = arena_text(keep, "%s|%s", id->name, id->aliases);
    contract_match match;
    err ignored = {0};
    if (!contract_map(&c, headers, n, NULL, &match, &ignored)) return c;
    for (int h = 0; h < n; h++)
        if (headers[h].n > 0 && h != match.header_of[0])
            to[c.n++] = (contract_column){.name = slice_copy(keep, headers[h])};
    return c;
}

/* SELECT of the attributes, a row for each known id in its order. */
static bool read_values(bench *b, const contract *c, const char *word, scope *s,
                        attribute_table *to, err *e) {
    text sql;
    columns values;
    text_open(&sql, s);
    text_addf(&sql, "SELECT CAST(count(a.k) OVER () AS BIGINT) AS matched");
    for (int i = 1; i < c->n; i++)
        text_addf(&sql, ", coalesce(a.%s, '') AS v%d",
                  db_name(&s->keep, slice_of(c->columns[i].name)), i);
    text_addf(&sql,
              " FROM ids_%s i LEFT JOIN (SELECT *, id_key(\"the id\") AS k FROM attributes QUALIFY "
              "row_number() OVER (PARTITION BY id_key(\"the id\") ORDER BY src_line) = 1) a "
              "ON id_key(i.id) = a.k ORDER BY i.n", word);
    if (!db_query(b->d, &s->keep, &values, e, "%s", sql.p)) return false;
    to->matched = values.rows > 0 ? columns_i64(&values, "matched")[0] : 0;
    to->n = c->n - 1;
    to->names = take(&s->keep, const char *, to->n);
    to->values = take(&s->keep, const slice *, to->n);
    for (int i = 0; i < to->n; i++) {
        to->names[i] = c->columns[i + 1].name;
        to->values[i] = columns_text(&values, arena_text(&s->keep, "v%d", i + 1));
    }
    return true;
}

bool attribute_table_read(bench *b, const char *path, const char *word, int64_t rows, scope *s,
                          attribute_table *to, err *e) {
    slice *headers;
    int n;
    table_count count;
    *to = (attribute_table){0};
    if (!prelude_run(b->d, e) || !table_headers(b->d, path, s, &headers, &n, e)) return false;
    contract c = make_contract(interactions_column(word), headers, n, &s->keep);
    if (!table_read(b->d, path, &c, NULL, "attributes", &count, e) ||
        !read_values(b, &c, word, s, to, e))
        return false;
    if (to->matched == 0)
        return refuse(e, "%s: none of its %lld ids is one of the %ss of the interactions", path,
                      (long long)count.accepted, word);
    to->features = attributes_fit(to->values, to->n, rows, NULL, ATTRIBUTES_DEFAULTS, &s->keep,
                                  s->scratch);
    return true;
}

const slice *attribute_table_find(const attribute_table *t, const char *name) {
    for (int i = 0; i < t->n; i++)
        if (contract_same_name(slice_of(t->names[i]), slice_of(name))) return t->values[i];
    return NULL;
}
