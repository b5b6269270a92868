/* chart: small charts as inline SVG on a page: lines, bars, histograms and heat maps.
 *
 *     chart c = {.title = "Units a week", .x_title = "week", .y_title = "units", .x_days = true};
 *     chart_line(&p, &c, days, n, &(chart_series){.name = "units", .y = units}, 1);
 *
 * Each chart has a <title> and a <desc> for readers who do not see it, titles on both axes, and
 * colours that follow the page's light or dark. Values that are NaN leave a gap. Charts that follow
 * each other share one grid, two in a row where there is room. */
#ifndef PIPELINE_CHART_H
#define PIPELINE_CHART_H

#include "pipeline/page.h"

typedef struct chart {
    const char *title, *about; /* about: what is seen, in one sentence; NULL = made of the titles */
    const char *x_title, *y_title;
    bool x_days;  /* x are days since 1970 */
    bool percent; /* y (or the bars, the cells) are shares, shown as % */
    bool wide;    /* over the whole width of the page */
    bool from_zero; /* the y axis of a line chart begins at 0 */
} chart;

typedef struct chart_series {
    const char *name;  /* shown in a legend when there are several */
    const double *y;   /* [n] */
    const double *low, *high; /* [n] a band around y, or NULL */
} chart_series;

/* x [n] ascending; at most 8 series. */
void chart_line(page *p, const chart *c, const double *x, int64_t n, const chart_series *series,
                int n_series);

/* Horizontal bars from 0, one a label, in the order given; low and high (may be NULL) draw a
 * whisker. */
void chart_bar(page *p, const chart *c, const slice *labels, const double *values,
               const double *low, const double *high, int n);

/* n bins of equal width from `from` on; counts [n]. */
void chart_histogram(page *p, const chart *c, double from, double width, const double *counts,
                     int n);

/* values [n_rows, n_cols]; colour runs from low over 0 to high (from low to high when low >= 0). */
void chart_heat(page *p, const chart *c, const slice *rows, int n_rows, const slice *cols,
                int n_cols, const double *values, double low, double high);

#endif
