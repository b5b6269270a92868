/* page and chart: what the HTML holds, and that nothing of the data can break out of it. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/chart.h"

static int times(slice whole, const char *part) {
    int n = 0;
    for (const char *at = whole.p; (at = strstr(at, part)) != NULL; at += strlen(part)) n++;
    return n;
}

CHECK(page_escapes_all_that_it_is_given) {
    scope s;
    err e = {0};
    page p;
    check_ok(scope_open(&s, 4 << 20, 1 << 20, &e), &e);
    page_open(&p, &s, "<b>shop</b>", "a \"lead\" & more");
    page_section(&p, "<script>alert(1)</script>");
    page_sentence(&p, "%s", "</p><img src=x onerror=y>");
    page_table(&p, NULL, (const char *const[]){"<i>", "#n", NULL});
    page_row(&p);
    page_cell(&p, SLICE("<td>'"));
    page_number(&p, 1234567);
    page_table_end(&p);
    chart c = {.title = "<svg onload=1>", .x_title = "<x>", .y_title = "&"};
    chart_line(&p, &c, (const double[]){1, 2}, 2,
               (const chart_series[]){{"<a>", (const double[]){1, 2}, NULL, NULL},
                                      {"b", (const double[]){2, 1}, NULL, NULL}},
               2);
    chart_bar(&p, &c, (const slice[]){SLICE("</text><a>")}, (const double[]){3}, NULL, NULL, 1);
    slice html = page_close(&p);
    check(times(html, "<script") == 0 && times(html, "<img") == 0);
    check(times(html, "<svg onload") == 0);
    check(times(html, "<b>") == 0 && times(html, "<i>") == 0 && times(html, "</text><a>") == 0);
    check_has(html, "&lt;script&gt;alert(1)&lt;/script&gt;");
    check_has(html, "<td class=\"n\">1,234,567</td>");
    check(times(html, "<svg ") == 2 && times(html, "</svg>") == 2 && times(html, "<desc") == 2);
    check(times(html, "<section") == times(html, "</section>"));
    check(times(html, "<div") == times(html, "</div>"));
    check(times(html, "http") == 0);
    scope_close(&s);
}

CHECK(page_numbers_are_short_and_keep_their_size) {
    static const struct {
        double x;
        const char *said;
    } cases[] = {{0, "0"},          {12, "12"},          {-1234, "\xe2\x88\x92""1,234"},
                 {0.5, "0.5"},      {0.0123, "0.0123"},  {0.00001234, "1.2e-05"},
                 {3.14159, "3.14"}, {1234567.8, "1,234,568"}, {123.45, "123.5"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text t = {0};
        page_number_text(&t, cases[i].x);
        check_text(text_slice(&t), cases[i].said);
        text_free(&t);
    }
}

/* The points of the path that begins after `from`. */
static int points(const char *from, double x[], double y[], int most) {
    const char *at = strstr(from, " d=\"M");
    int n = 0;
    if (!at) return 0;
    for (at += 4; n < most && (*at == 'M' || *at == 'L'); n++) {
        char *end;
        x[n] = strtod(at + 1, &end);
        y[n] = strtod(end, &end);
        at = end;
    }
    return n;
}

CHECK(chart_line_draws_values_where_they_belong) {
    scope s;
    err e = {0};
    page p;
    double x[8], y[8];
    check_ok(scope_open(&s, 4 << 20, 1 << 20, &e), &e);
    page_open(&p, &s, "t", NULL);
    chart c = {.title = "line", .from_zero = true};
    chart_line(&p, &c, (const double[]){0, 5, 10}, 3,
               (const chart_series[]){{"a", (const double[]){0, 5, 10}, NULL, NULL}}, 1);
    slice html = page_close(&p);
    check(points(strstr(html.p, "stroke-linejoin"), x, y, 8) == 3);
    /* The plot is 420 x 240 with margins 44, 12, 10 and 24: corners and the middle between. */
    check_near(x[0], 44, 0.06);
    check_near(x[2], 408, 0.06);
    check_near(y[0], 216, 0.06);
    check_near(y[2], 10, 0.06);
    check_near(y[1], (y[0] + y[2]) / 2, 0.11);
    scope_close(&s);
}

CHECK(chart_of_nothing_and_of_one_value_is_still_a_chart) {
    scope s;
    err e = {0};
    page p;
    check_ok(scope_open(&s, 4 << 20, 1 << 20, &e), &e);
    page_open(&p, &s, "t", NULL);
    chart c = {.title = "none", .x_days = true};
    const double nan_only[] = {NAN, NAN}, days[] = {18000, 18001}, zero[] = {0};
    chart_line(&p, &c, days, 2, (const chart_series[]){{"a", nan_only, NULL, NULL}}, 1);
    chart_line(&p, &c, NULL, 0, (const chart_series[]){{"a", NULL, NULL, NULL}}, 1);
    chart_bar(&p, &c, NULL, NULL, NULL, NULL, 0);
    chart_histogram(&p, &c, 18000, 1, zero, 1);
    chart_heat(&p, &c, NULL, 0, NULL, 0, NULL, -1, 1);
    slice html = page_close(&p);
    check(times(html, "</svg>") == 5);
    check(times(html, "nan") == 0 && times(html, "inf\"") == 0);
    scope_close(&s);
}
