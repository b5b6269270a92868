/* verb_impact: what an event did to items of a sales table, against a control of their siblings. */
#include <stdio.h>
#include <string.h>

#include "pipeline/impact_panel.h"
#include "surfaces/trends_story.h"
#include "surfaces/verbs.h"

enum { USUAL_AFTER = 8, MOST_AFTER = 104 };

static const option options[] = {
    VERB_TABLE_OPTIONS,
    {"article", OPTION_TEXT, "ID[,ID]", "the item, or the items together, that it befell",
     .required = true},
    {"from", OPTION_TEXT, "DATE", "the first day after: of a new price, a campaign, a new place",
     .required = true},
    {"to", OPTION_TEXT, "DATE", "last day to look at (default: eight weeks, or as many as the "
                                "table has)"},
    {"weeks-before", OPTION_INT, "N", "weeks that the control is matched on", .value = "12",
     .low = IMPACT_LEAST_BEFORE, .high = 104},
    {"by", OPTION_CHOICE, "category|product|colour|pattern|material|none",
     "siblings are the other items with the same", .value = "category"},
    {0}};

/* The items of --article as SQL literals: the whole word when it is an item, else its parts. */
static bool list_items(const args *a, bench *b, char **out, scope *s, err *e) {
    slice rest = slice_of(args_text(a, "article"));
    const char *whole = db_literal(&s->keep, rest), *list = "";
    int64_t known;
    if (!db_count(b->d, &known, e, "SELECT count(*) FROM sales WHERE item = %s", whole))
        return false;
    while (known == 0 && rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        slice one = slice_trim((slice){rest.p, comma ? (size_t)(comma - rest.p) : rest.n});
        const char *item = db_literal(&s->keep, one);
        int64_t rows;
        if (!db_count(b->d, &rows, e, "SELECT count(*) FROM sales WHERE item = %s", item))
            return false;
        if (rows == 0)
            return refuse(e, "--article: %s has no item '%.*s'", args_text(a, "in"), (int)one.n,
                          one.p);
        list = arena_text(&s->keep, "%s%s%s", list, *list ? ", " : "", item);
        size_t used = comma ? (size_t)(comma - rest.p) + 1 : rest.n;
        rest = (slice){rest.p + used, rest.n - used};
    }
    *out = arena_text(&s->keep, "%s", known ? whole : list);
    return true;
}

/* The day of --from and how many weeks come after it. */
static bool read_days(const args *a, int32_t end, int32_t *from, int *after, scope *s, err *e) {
    int32_t to = end - 1;
    const char *said = args_text(a, "to");
    if (!day_parse(slice_of(args_text(a, "from")), from))
        return refuse(e, "--from wants a day like 2020-09-22, got '%s'", args_text(a, "from"));
    if (said && !day_parse(slice_of(said), &to))
        return refuse(e, "--to wants a day like 2020-09-22, got '%s'", said);
    if (to > end - 1) to = end - 1;
    int32_t weeks = (to + 1 - *from) / 7;
    if (to + 1 - *from < 7)
        return refuse(e, "no full week between %s and %s, where the sales end; ask for an earlier "
                      "--from", args_text(a, "from"), day_text(&s->keep, to));
    *after = said ? weeks : weeks < USUAL_AFTER ? weeks : USUAL_AFTER;
    if (*after > MOST_AFTER) *after = MOST_AFTER;
    return true;
}

static bool put_rows(bench *b, const impact_panel *p, const impact *found, scope *s, err *e) {
    static const char *const names[] = {"week", "day", "treated", "control"};
    static const column_type types[] = {COLUMN_I32, COLUMN_DAY, COLUMN_REAL, COLUMN_REAL};
    columns c = columns_new(&s->keep, 4, names, types, p->data.before + p->data.after);
    for (int32_t t = 0; t < c.rows; t++) {
        int32_t week = t - p->data.before;
        c.at[0].i32[t] = week < 0 ? week : week + 1, c.at[1].i32[t] = p->from + 7 * week;
        c.at[2].real[t] = p->data.treated[t], c.at[3].real[t] = found->control[t];
    }
    return db_put(b->d, "weeks", &c, e);
}

/* One bar a week, the first day after marked. */
static void draw(const char *name, const double *units, const impact_data *d, double most) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    fprintf(stderr, "  %-8s", name);
    for (int t = 0; t < d->before + d->after; t++) {
        double share = units[t] > 0 && most > 0 ? units[t] / most : 0.0;
        fprintf(stderr, "%s%s", t == d->before ? " | " : "", bars[(int)(share * 7.999)]);
    }
    fprintf(stderr, "\n");
}

static void say(const impact_panel *p, const impact *f, scope *s) {
    double most = 0.0;
    for (int t = 0; t < p->data.before + p->data.after; t++) {
        most = p->data.treated[t] > most ? p->data.treated[t] : most;
        most = f->control[t] > most ? f->control[t] : most;
    }
    draw("treated", p->data.treated, &p->data, most);
    draw("control", f->control, &p->data, most);
    fprintf(stderr, "%.0f units in the %d weeks from %s, %.0f without: %.2f times (%.2f to %.2f), "
            "p %.3f%s\n", f->sold, p->data.after, day_text(&s->keep, p->from), f->without,
            f->ratio, f->low, f->high, f->p, f->p > 0.05 ? ": chance alone would do it" : "");
    fprintf(stderr, "control of %lld siblings, off by %.2f of a mean week before",
            (long long)f->siblings, f->miss);
    fprintf(stderr, f->better < 0.05 ? "; nearly all siblings are matched better: doubt it\n"
                                     : "\n");
}

static bool run(const args *a, scope *s, js *out, err *e) {
    bench b;
    impact_panel panel;
    impact found;
    char *items = NULL;
    int32_t end = 0, from = 0;
    int after = 0;
    timing t = {0};
    double clock = args_clock();
    const char *by = args_text(a, "by");
    bool any = strcmp(by, "none") == 0;
    if (!verb_open(a, s, &b, e) || !verb_read(a, &b, &trends_sales, "sales", out, e) ||
        (args_given(a, "by") && !any && !verb_need_column(a, &b, "sales", by, "--by", s, e)) ||
        !list_items(a, &b, &items, s, e) ||
        !trends_last(&b, &end, s, e) || !read_days(a, end, &from, &after, s, e))
        return false;
    const char *source = arena_text(
        &s->keep, "SELECT item, coalesce(%s, '(none)') AS category, CAST(time AS DATE) AS day, "
        "coalesce(units, 1) AS units FROM sales", any ? "NULL" : by);
    if (!impact_panel_read(&panel, b.d, source, items, from, (int)args_int(a, "weeks-before"),
                           after, &s->keep, e))
        return false;
    t.read_s = args_lap(&clock);
    impact_fit(&found, &panel.data, &s->keep, s->scratch);
    if (found.refusal)
        return refuse(e, "no effect can be told: %s (%lld siblings of %lld will do; other "
                      "--weeks-before, --by or --from may help)", impact_words[found.refusal],
                      (long long)found.siblings, (long long)panel.data.n);
    t.fit_s = args_lap(&clock);
    if (!put_rows(&b, &panel, &found, s, e) || !verb_write(a, &b, "weeks", e)) return false;
    t.write_s = args_lap(&clock);
    impact_panel_put(out, &panel, &found, s->scratch);
    say(&panel, &found, s);
    args_timing(out, &t);
    return true;
}

const verb verb_impact = {
    .name = "impact",
    .words = "",
    .group = "table",
    .title = "Tell what an event did to an item, against a blend of its siblings.",
    .example = "atelier impact --in sales.csv --map item=sku,time=date,units=qty --article 4711 "
               "--from 2024-05-06 --json",
    .options = options,
    .run = run,
};
