/* weekly: weekly.html of a shop whose weeks were counted by hand. */
#include "desk.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/weekly_page.h"

/* The last week is 23 to 29 September 2024. */
static const windows summer = {19723, 19940, 19968, 19996};

static void make_weeks(desk *t) {
    desk_sql(t,
             "CREATE TABLE d_sales AS SELECT * FROM (VALUES "
             "('total', 'total', DATE '2024-09-29', 4, 100.0), "
             "('total', 'total', DATE '2024-09-23', 2, 50.0), "
             "('total', 'total', DATE '2024-09-22', 3, 120.0), "
             "('category', 'Hats', DATE '2024-09-29', 4, 100.0)) "
             "d(level, series, day, units, revenue);"
             "CREATE TABLE transactions AS SELECT * FROM (VALUES "
             "(DATE '2024-09-29', 'a', 1, 3), (DATE '2024-09-29', 'b', 1, 1), "
             "(DATE '2024-09-23', 'c', 2, 1), (DATE '2024-09-25', 'r', 3, -1)) "
             "t(day, order_id, customer, quantity);"
             "CREATE TABLE guest_sales AS SELECT DATE '2024-09-23' AS day, 'g' AS order_id, "
             "1 AS quantity;"
             "CREATE TABLE f_sessions AS SELECT TIMESTAMP '2024-09-23 10:00:00' AS start FROM "
             "range(8);");
}

static slice write(desk *t) {
    slice html = {"", 0};
    err e = {0};
    check_ok(weekly_write(&t->w, t->f, &t->s, &e), &e);
    check_ok(file_read(folder_path(t->f, "weekly.html"), &t->s, 1 << 20, &html, &e), &e);
    return html;
}

static void check_row(slice html, const char *name, const char *cells) {
    char want[400];
    snprintf(want, sizeof want, "<td>%s</td>%s", name, cells);
    check(memmem(html.p, html.n, want, strlen(want)) != NULL);
}

CHECK(weekly_counts_the_weeks) {
    desk t;
    desk_open(&t, 1, "weekly", summer);
    make_weeks(&t);
    slice html = write(&t);
    check_row(html, "Revenue", "<td class=\"n\">150</td><td class=\"n\">120</td>"
                               "<td class=\"n\">+25.0 %</td>");
    check_row(html, "Units", "<td class=\"n\">6</td><td class=\"n\">3</td>");
    check_row(html, "Orders", "<td class=\"n\">4</td>"); /* a, b, c and the guest's */
    check_row(html, "Buyers known by name", "<td class=\"n\">2</td>");
    check_row(html, "Orders a visit", "<td class=\"n\">0.5</td>");
    desk_close(&t);
}

CHECK(weekly_of_few_files_has_the_sections_they_allow) {
    desk t;
    err e = {0};
    desk_open(&t, 1, "weekly-few", summer);
    make_weeks(&t);
    desk_sql(&t, "DELETE FROM f_sessions");
    check_ok(folder_write(t.f, "alerts.json",
                          SLICE("{\"alerts\":[{\"type\":\"dead\",\"name\":\"<Hat> & co\",\"money\":"
                                "12,\"sentence\":\"It lies.\",\"action\":\"Clear it.\"}]}"), &e),
             &e);
    slice html = write(&t);
    check(memmem(html.p, html.n, "Visits", 6) == NULL);
    check(memmem(html.p, html.n, "Why revenue moved", 17) == NULL);
    check(memmem(html.p, html.n, "&lt;Hat&gt; &amp; co", 20) != NULL);
    check(memmem(html.p, html.n, "http", 4) == NULL && html.n < WEEKLY_MOST);
    desk_close(&t);
}
