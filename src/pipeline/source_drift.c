/* source_drift: how the sources of a shop differ from those of its last good run. */
#include "pipeline/source_drift.h"

#include <string.h>

#include "data/folder.h"

typedef struct pair { /* one source then and now */
    const work *w;
    scope *s;
    const char *source, *was, *now; /* tables, as the engine reads them */
    double warn, fail;              /* of psi */
} pair;

static bool find(const pair *p, const char *name, const char *measure, double was, double now,
                 const char *severity, err *e) {
    return db_runf(p->w->d, e,
                   "INSERT INTO drift_findings VALUES ('%s', '%s', '%s', %.17g, %.17g, '%s')",
                   p->source, name, measure, was, now, severity);
}

static const char *severity_of(bool fails, bool warns) {
    return fails ? "fail" : warns ? "warn" : "ok";
}

/* ---- the population stability index ---- */

/* Shares of the classes of both tables; `class` is an expression of the column c. */
static bool index_of(const pair *p, const char *before, const char *class, double *psi, err *e) {
    columns c;
    if (!db_query(p->w->d, &p->s->keep, &c, e,
                  "WITH %s a AS (SELECT %s AS k, count(*) AS n FROM was GROUP BY 1), "
                  "b AS (SELECT %s AS k, count(*) AS n FROM now GROUP BY 1), "
                  "pairs AS (SELECT k, "
                  "greatest(coalesce(a.n, 0) / (SELECT sum(n) FROM a), 1e-4) AS p, "
                  "greatest(coalesce(b.n, 0) / (SELECT sum(n) FROM b), 1e-4) AS q "
                  "FROM a FULL JOIN b USING (k)) "
                  "SELECT CAST(coalesce(sum((q - p) * ln(q / p) ORDER BY k), 0) AS DOUBLE) AS psi "
                  "FROM pairs",
                  before, class, class))
        return false;
    *psi = columns_real(&c, "psi")[0];
    return true;
}

static bool is_id(const char *name) {
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, "_id") == 0;
}

static bool compare_shape(const pair *p, const contract_column *c, double distinct, err *e) {
    arena *keep = &p->s->keep;
    const char *name = db_name(keep, slice_of(c->name)), *class;
    bool is_text = c->type == CONTRACT_TEXT;
    double psi;
    if (c->type >= CONTRACT_DAY || (is_text && (distinct > 50 || is_id(c->name))) || distinct < 2)
        return true;
    const char *tables = arena_text(
        keep, "was AS (SELECT %s AS c FROM %s WHERE %s IS NOT NULL), now AS (SELECT %s AS c FROM "
              "%s WHERE %s IS NOT NULL), ",
        name, p->was, name, name, p->now, name);
    if (is_text) {
        tables = arena_text(keep, "%s known AS (SELECT DISTINCT c AS v FROM was), ", tables);
        class = "CASE WHEN c IN (SELECT v FROM known) THEN c END";
    } else {
        tables = arena_text(keep, "%s cuts AS (SELECT quantile_disc(c, [0.1, 0.2, 0.3, 0.4, 0.5, "
                                  "0.6, 0.7, 0.8, 0.9]) AS q FROM was), ", tables);
        class = "len(list_filter((SELECT q FROM cuts), x -> x < c))";
    }
    return index_of(p, tables, class, &psi, e) &&
           find(p, c->name, "psi", 0, psi, severity_of(psi >= p->fail, psi >= p->warn), e);
}

/* ---- one source ---- */

static bool compare_column(const pair *p, const contract_column *c, err *e) {
    columns was, now;
    const char *name = db_name(&p->s->keep, slice_of(c->name));
    static const char counts[] =
        "SELECT CAST(count(*) AS DOUBLE) AS rows, CAST(count(*) - count(%s) AS DOUBLE) / "
        "greatest(count(*), 1) AS missing, CAST(count(DISTINCT %s) AS DOUBLE) AS kinds FROM %s";
    if (!db_query(p->w->d, &p->s->keep, &was, e, counts, name, name, p->was) ||
        !db_query(p->w->d, &p->s->keep, &now, e, counts, name, name, p->now))
        return false;
    double empty = columns_real(&was, "missing")[0], empties = columns_real(&now, "missing")[0],
           kinds = columns_real(&was, "kinds")[0], kinds_now = columns_real(&now, "kinds")[0],
           apart = empties > empty ? empties - empty : empty - empties;
    if (kinds == 0 && kinds_now == 0) return true; /* a column that the shop never had */
    if (!find(p, c->name, "null_share", empty, empties, severity_of(apart >= 0.2, apart >= 0.05),
              e))
        return false;
    if (kinds == 0 || kinds_now == 0) return true;
    if (c->type == CONTRACT_TEXT && kinds <= 1000 &&
        !find(p, c->name, "distinct", kinds, kinds_now,
              severity_of(false, kinds_now <= kinds / 2 || kinds_now >= 2 * kinds), e))
        return false;
    return compare_shape(p, c, kinds, e);
}

static bool compare(const pair *p, const contract *c, err *e) {
    int64_t was, now;
    if (!db_count(p->w->d, &was, e, "SELECT count(*) FROM %s", p->was) ||
        !db_count(p->w->d, &now, e, "SELECT count(*) FROM %s", p->now))
        return false;
    if (was == 0 && now == 0) return true;
    if (!find(p, "", "rows", (double)was, (double)now,
              severity_of(now * 10 < was, now * 2 < was || now > 3 * was), e))
        return false;
    for (int i = 0; was > 0 && now > 0 && i < c->n; i++) {
        work_tick(p->w, "comparing with the last run", i, c->n);
        if (!compare_column(p, &c->columns[i], e)) return false;
    }
    return true;
}

bool source_drift(const work *w, const char *before, const terms *const all[6], scope *s, err *e) {
    for (int i = 0; i < 6; i++) {
        const contract *c = &contract_sources[i];
        const char *file = arena_text(&s->keep, "%s/01_raw/raw_%s.parquet", before, c->source);
        if (!file_exists(file)) {
            refuse(e, "%s has no results of a run to compare with (%s)", before, file);
            return fail_cause(e, "no_input");
        }
        pair p = {.w = w, .s = s, .source = c->source, .warn = 0.2, .fail = 0.3};
        p.was = arena_text(&s->keep, "read_parquet(%s)", db_literal(&s->keep, slice_of(file)));
        p.now = arena_text(&s->keep, "raw_%s", c->source);
        if (all[i]) p.warn = all[i]->drift_warn, p.fail = all[i]->drift_fail;
        if (!compare(&p, c, e)) return fail_in(e, c->source);
    }
    return true;
}
