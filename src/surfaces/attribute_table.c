/* attribute_table: a table of attributes of users or items, as features beside interactions. */
#include "surfaces/attribute_table.h"

#include <math.h>

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

/* Groups of the users by one attribute: numbers in tens, other values each for itself. */
static bool set_groups(const char *name, const attribute_table *t, interactions *x, scope *s,
                       err *e) {
    enum { MOST = 200 };
    const slice *value = attribute_table_find(t, name);
    slice *seen = take(&s->keep, slice, MOST);
    int32_t *group = take(&s->keep, int32_t, x->users);
    if (!value) return refuse(e, "--group: --user-features has no column '%s'", name);
    for (int64_t u = 0; u < x->users; u++) {
        double number;
        slice key = slice_trim(value[u]);
        group[u] = -1;
        if (key.n == 0) continue;
        if (slice_double(key, &number))
            key = slice_of(arena_text(&s->keep, "%.0f", floor(number / 10)));
        for (int g = 0; g < x->groups && group[u] < 0; g++)
            if (slice_compare(seen[g], key) == 0) group[u] = g;
        if (group[u] >= 0) continue;
        if (x->groups == MOST)
            return refuse(e, "--group: column '%s' has more than %d values", name, MOST);
        seen[x->groups] = key;
        group[u] = x->groups++;
    }
    if (x->groups == 0) return refuse(e, "--group: column '%s' is empty for all users", name);
    x->group = group;
    return true;
}

bool attribute_tables(const args *a, bench *b, interactions *x, attribute_table table[2], scope *s,
                      err *e) {
    static const char *const options[2] = {[ALS_USERS] = "user-features",
                                           [ALS_ITEMS] = "item-features"};
    for (int side = 0; side < 2; side++) {
        const char *path = args_text(a, options[side]);
        int64_t rows = side == ALS_ITEMS ? x->items : x->users;
        if (!path) continue;
        if (!attribute_table_read(b, path, interactions_words[side], rows, s, &table[side], e))
            return false;
        x->features[side] = &table[side].features;
    }
    if (!args_text(a, "group")) return true;
    if (!x->features[ALS_USERS]) return refuse(e, "--group names a column of --user-features FILE");
    return set_groups(args_text(a, "group"), &table[ALS_USERS], x, s, e);
}
