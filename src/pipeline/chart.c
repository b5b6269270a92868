/* chart: small charts as inline SVG on a page: lines, bars, histograms and heat maps. */
#include "pipeline/chart.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Units of the drawing; the page scales it to the width of its column. */
typedef struct frame {
    double w, h, left, right, top, bottom; /* the size and the margins */
    double x0, x1, y0, y1;                 /* data at the edges of the plot */
} frame;

static double at_x(const frame *f, double x) {
    return f->left + (x - f->x0) / (f->x1 - f->x0) * (f->w - f->left - f->right);
}

static double at_y(const frame *f, double y) {
    return f->h - f->bottom - (y - f->y0) / (f->y1 - f->y0) * (f->h - f->top - f->bottom);
}

/* The first of 1, 2, 2.5, 5, 10 times a power of ten that cuts span into at most n parts. */
static double nice_step(double span, int n) {
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double raw = span / n, power = pow(10, floor(log10(raw)));
    for (int i = 0; i < 5; i++)
        if (steps[i] * power >= raw * (1 - 1e-9)) return steps[i] * power;
    return 10 * power;
}

/* 0, 12, 1.5k, 3M; shares as 12%. */
static void tick_text(char to[32], double x, bool percent) {
    static const struct {
        double of;
        const char *name;
    } units[] = {{1e9, "B"}, {1e6, "M"}, {1e3, "k"}};
    if (fabs(x) < 1e-12) x = 0; /* a step's rounding, and no -0 */
    if (percent) {
        snprintf(to, 32, "%.3g%%", x * 100);
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (fabs(x) >= units[i].of * 0.9999) {
            snprintf(to, 32, "%.3g%s", x / units[i].of, units[i].name);
            return;
        }
    snprintf(to, 32, "%.3g", x);
}

static void open_figure(page *p, const chart *c) {
    text *t = &p->body;
    page_charts(p, true);
    p->charts++;
    text_addf(t, "<figure%s><h4>", c->wide ? " class=\"wide\"" : "");
    page_escape(t, slice_of(c->title));
    text_add(t, SLICE("</h4>\n"));
}

static void open_svg(page *p, const chart *c, const frame *f) {
    text *t = &p->body;
    text_addf(t,
              "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-labelledby=\"t%d d%d\">"
              "<title id=\"t%d\">",
              f->w, f->h, p->charts, p->charts, p->charts);
    page_escape(t, slice_of(c->title));
    text_addf(t, "</title><desc id=\"d%d\">", p->charts);
    if (c->about) page_escape(t, slice_of(c->about));
    else {
        page_escape(t, slice_of(c->y_title ? c->y_title : c->title));
        text_add(t, SLICE(" by "));
        page_escape(t, slice_of(c->x_title ? c->x_title : "kind"));
    }
    text_add(t, SLICE("</desc>\n"));
}

static void close_figure(page *p) { text_add(&p->body, SLICE("</svg></figure>\n")); }

static void label(text *t, double x, double y, const char *anchor, const char *class, slice s) {
    text_addf(t, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>", x, y, anchor, class);
    page_escape(t, s);
    text_add(t, SLICE("</text>"));
}

static void axis_titles(text *t, const chart *c, const frame *f) {
    if (c->x_title)
        label(t, (f->left + f->w - f->right) / 2, f->h - 4, "middle", "", slice_of(c->x_title));
    if (!c->y_title) return;
    double y = (f->top + f->h - f->bottom) / 2;
    text_addf(t, "<text transform=\"translate(10 %.1f) rotate(-90)\" text-anchor=\"middle\">", y);
    page_escape(t, slice_of(c->y_title));
    text_add(t, SLICE("</text>\n"));
}

static void y_axis(text *t, const frame *f, bool percent) {
    double step = nice_step(f->y1 - f->y0, 4);
    for (double y = ceil(f->y0 / step - 1e-9) * step; y <= f->y1 + step * 1e-9; y += step) {
        char said[32];
        double at = at_y(f, y);
        tick_text(said, y, percent);
        text_addf(t, "<line class=\"g\" x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>", f->left,
                  f->w - f->right, at, at);
        label(t, f->left - 5, at + 4, "end", "", slice_of(said));
    }
    text_add_char(t, '\n');
}

static void x_tick(text *t, const frame *f, double x, const char *said) {
    double at = at_x(f, x);
    const char *anchor = at < f->left + 14 ? "start" : at > f->w - f->right - 20 ? "end" : "middle";
    text_addf(t, "<line class=\"a\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\"/>", at, at,
              f->h - f->bottom, f->h - f->bottom + 4);
    label(t, at, f->h - f->bottom + 15, anchor, "", slice_of(said));
}

/* Ticks on first days of months, or on every so many days when the span is short. */
static void day_ticks(text *t, const frame *f, int most) {
    int y, m, d;
    char said[32];
    int32_t first = (int32_t)ceil(f->x0), last = (int32_t)floor(f->x1);
    if (last - first < 70) {
        int32_t step = (last - first) / most + 1;
        for (int32_t day = first; day <= last; day += step) {
            day_split(day, &y, &m, &d);
            snprintf(said, sizeof said, "%02d-%02d", m, d);
            x_tick(t, f, day, said);
        }
        return;
    }
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120};
    size_t i = 0;
    while (i < 7 && (last - first) / 30.4 / steps[i] > most) i++;
    day_split(first, &y, &m, &d);
    for (int month = y * 12 + m - 1; month < y * 12 + m + 12 * 200; month++) {
        int32_t day = day_of(month / 12, month % 12 + 1, 1);
        if (day > last) break;
        if (day < first || month % steps[i] != 0) continue;
        snprintf(said, sizeof said, steps[i] >= 12 ? "%d" : "%d-%02d", month / 12, month % 12 + 1);
        x_tick(t, f, day, said);
    }
}

static void number_ticks(text *t, const frame *f, int most) {
    double step = nice_step(f->x1 - f->x0, most);
    for (double x = ceil(f->x0 / step - 1e-9) * step; x <= f->x1 + step * 1e-9; x += step) {
        char said[32];
        tick_text(said, x, false);
        x_tick(t, f, x, said);
    }
}

static frame plot_frame(const chart *c) {
    return (frame){.w = c->wide ? 860 : 420, .h = 240, .left = c->y_title ? 58 : 44, .right = 12,
                   .top = 10, .bottom = c->x_title ? 38 : 24};
}

/* Widens an empty or reversed range so that it can be drawn. */
static void settle(double *low, double *high) {
    if (!(*low <= *high)) *low = 0, *high = 1;
    if (*low == *high) {
        double by = *low == 0 ? 1 : fabs(*low) * 0.1;
        if (*low < 0) *low -= by;
        *high += by;
    }
}

/* ---- lines ---- */

static void widen(double y, double *low, double *high) {
    if (!isfinite(y)) return;
    if (y < *low) *low = y;
    if (y > *high) *high = y;
}

static void draw_band(text *t, const frame *f, const double *x, int64_t n, const chart_series *s,
                      int colour) {
    text_addf(t, "<path fill=\"var(--c%d)\" fill-opacity=\".18\" d=\"", colour);
    bool pen = false;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(s->low[i]) && isfinite(s->high[i])) {
            text_addf(t, "%c%.1f %.1f", pen ? 'L' : 'M', at_x(f, x[i]), at_y(f, s->high[i]));
            pen = true;
        }
    for (int64_t i = n - 1; i >= 0; i--)
        if (isfinite(s->low[i]) && isfinite(s->high[i]))
            text_addf(t, "L%.1f %.1f", at_x(f, x[i]), at_y(f, s->low[i]));
    text_add(t, SLICE("Z\"/>\n"));
}

/* A long series keeps, for each step of half a unit, its least and greatest value: what the eye
 * sees is the same and the page stays small. */
static void draw_line(text *t, const frame *f, const double *x, int64_t n, const double *y,
                      int colour) {
    text_addf(t,
              "<path fill=\"none\" stroke=\"var(--c%d)\" stroke-width=\"1.6\" "
              "stroke-linejoin=\"round\" d=\"",
              colour);
    bool pen = false;
    for (int64_t i = 0; i < n;) {
        if (!isfinite(y[i])) {
            pen = false;
            i++;
            continue;
        }
        int64_t end = i, low = i, high = i;
        while (end + 1 < n && isfinite(y[end + 1]) && at_x(f, x[end + 1]) - at_x(f, x[i]) < 0.5) {
            end++;
            if (y[end] < y[low]) low = end;
            if (y[end] > y[high]) high = end;
        }
        int64_t a = low < high ? low : high, b = low < high ? high : low;
        text_addf(t, "%c%.1f %.1f", pen ? 'L' : 'M', at_x(f, x[a]), at_y(f, y[a]));
        if (b != a) text_addf(t, "L%.1f %.1f", at_x(f, x[b]), at_y(f, y[b]));
        if (!pen && (end + 1 >= n || !isfinite(y[end + 1]))) text_add(t, SLICE("h.1"));
        pen = true;
        i = end + 1;
    }
    text_add(t, SLICE("\"/>\n"));
}

static void draw_key(text *t, const chart_series *series, int n) {
    if (n < 2) return;
    text_add(t, SLICE("<div class=\"key\">"));
    for (int i = 0; i < n; i++) {
        text_addf(t, "<span><i style=\"background:var(--c%d)\"></i>", i);
        page_escape(t, slice_of(series[i].name));
        text_add(t, SLICE("</span>"));
    }
    text_add(t, SLICE("</div>\n"));
}

void chart_line(page *p, const chart *c, const double *x, int64_t n, const chart_series *series,
                int n_series) {
    assert(n_series >= 1 && n_series <= 8);
    frame f = plot_frame(c);
    f.y0 = c->from_zero ? 0 : INFINITY, f.y1 = c->from_zero ? 0 : -INFINITY;
    f.x0 = n > 0 ? x[0] : 0, f.x1 = n > 0 ? x[n - 1] : 1;
    for (int s = 0; s < n_series; s++)
        for (int64_t i = 0; i < n; i++) {
            widen(series[s].y[i], &f.y0, &f.y1);
            if (series[s].low) widen(series[s].low[i], &f.y0, &f.y1);
            if (series[s].high) widen(series[s].high[i], &f.y0, &f.y1);
        }
    settle(&f.x0, &f.x1);
    settle(&f.y0, &f.y1);
    open_figure(p, c);
    draw_key(&p->body, series, n_series);
    open_svg(p, c, &f);
    y_axis(&p->body, &f, c->percent);
    if (c->x_days) day_ticks(&p->body, &f, c->wide ? 10 : 5);
    else number_ticks(&p->body, &f, c->wide ? 10 : 5);
    axis_titles(&p->body, c, &f);
    for (int s = 0; s < n_series; s++)
        if (series[s].low && series[s].high) draw_band(&p->body, &f, x, n, &series[s], s);
    for (int s = 0; s < n_series; s++) draw_line(&p->body, &f, x, n, series[s].y, s);
    close_figure(p);
}

/* ---- bars ---- */

/* At most `most` characters of s, with … for the rest. */
static void short_label(text *t, double x, double y, slice s, size_t most) {
    size_t shown = 0, at = 0;
    while (at < s.n && shown < most) {
        at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80) at++;
        shown++;
    }
    text_addf(t, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", x, y);
    page_escape(t, (slice){s.p, at});
    if (at < s.n) {
        text_add(t, SLICE("\xe2\x80\xa6<title>"));
        page_escape(t, s);
        text_add(t, SLICE("</title>"));
    }
    text_add(t, SLICE("</text>"));
}

static size_t longest(const slice *labels, int n, size_t most) {
    size_t longest_yet = 1;
    for (int i = 0; i < n; i++) {
        size_t shown = 0;
        for (size_t k = 0; k < labels[i].n; k++)
            shown += ((unsigned char)labels[i].p[k] & 0xC0) != 0x80;
        if (shown > longest_yet) longest_yet = shown;
    }
    return longest_yet < most ? longest_yet : most;
}

static void value_text(text *t, double x, bool percent) {
    if (percent) text_addf(t, "%.*f%%", fabs(x) < 0.1 ? 2 : 1, x * 100);
    else page_number_text(t, x);
}

static void draw_bar(text *t, const frame *f, double top, double value, const double *low,
                     const double *high, bool percent) {
    double zero = at_x(f, 0), end = isfinite(value) ? at_x(f, value) : zero;
    double right = end > zero ? end : zero;
    text_addf(t,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"13\" rx=\"2\" "
              "fill=\"var(--%s)\"/>",
              end < zero ? end : zero, top, fabs(end - zero), value < 0 ? "neg" : "pos");
    if (low && high && isfinite(*low) && isfinite(*high)) {
        text_addf(t, "<path stroke=\"var(--ink)\" fill=\"none\" d=\"M%.1f %.1fH%.1f\"/>",
                  at_x(f, *low), top + 6.5, at_x(f, *high));
        if (at_x(f, *high) > right) right = at_x(f, *high);
    }
    text_addf(t, "<text class=\"v\" x=\"%.1f\" y=\"%.1f\">", right + 4, top + 10.5);
    value_text(t, value, percent);
    text_add(t, SLICE("</text>\n"));
}

void chart_bar(page *p, const chart *c, const slice *labels, const double *values,
               const double *low, const double *high, int n) {
    size_t shown = longest(labels, n, c->wide ? 40 : 24);
    frame f = {.w = c->wide ? 860 : 420, .h = 20.0 * n + (c->x_title ? 24 : 6), .right = 56,
               .left = 12 + 6.3 * (double)shown, .top = 2, .bottom = c->x_title ? 22 : 4};
    f.x0 = 0, f.x1 = 0;
    for (int i = 0; i < n; i++) {
        widen(values[i], &f.x0, &f.x1);
        if (low) widen(low[i], &f.x0, &f.x1);
        if (high) widen(high[i], &f.x0, &f.x1);
    }
    settle(&f.x0, &f.x1);
    open_figure(p, c);
    open_svg(p, c, &f);
    for (int i = 0; i < n; i++) {
        double top = f.top + 20.0 * i + 2;
        short_label(&p->body, f.left - 6, top + 10.5, labels[i], shown);
        draw_bar(&p->body, &f, top, values[i], low ? &low[i] : NULL, high ? &high[i] : NULL,
                 c->percent);
    }
    if (c->x_title)
        label(&p->body, f.left, f.h - 4, "start", "", slice_of(c->x_title));
    close_figure(p);
}

void chart_histogram(page *p, const chart *c, double from, double width, const double *counts,
                     int n) {
    frame f = plot_frame(c);
    f.x0 = from, f.x1 = from + width * (n > 0 ? n : 1);
    f.y0 = 0, f.y1 = 0;
    for (int i = 0; i < n; i++) widen(counts[i], &f.y0, &f.y1);
    settle(&f.x0, &f.x1);
    settle(&f.y0, &f.y1);
    open_figure(p, c);
    open_svg(p, c, &f);
    y_axis(&p->body, &f, c->percent);
    if (c->x_days) day_ticks(&p->body, &f, c->wide ? 10 : 5);
    else number_ticks(&p->body, &f, c->wide ? 10 : 6);
    axis_titles(&p->body, c, &f);
    text_add(&p->body, SLICE("<path fill=\"var(--c0)\" d=\""));
    for (int i = 0; i < n; i++) {
        if (!(counts[i] > 0)) continue;
        double x = at_x(&f, from + width * i), to = at_x(&f, from + width * (i + 1));
        double gap = to - x > 6 ? 1 : to - x > 3 ? 0.5 : 0;
        text_addf(&p->body, "M%.1f %.1fV%.1fH%.1fV%.1fZ", x + gap / 2, at_y(&f, 0),
                  at_y(&f, counts[i]), to - gap / 2, at_y(&f, 0));
    }
    text_add(&p->body, SLICE("\"/>\n"));
    close_figure(p);
}

/* ---- heat maps ---- */

static void draw_cell(text *t, double x, double y, double w, double h, double share, bool below) {
    text_addf(t,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" "
              "fill=\"var(--%s)\" fill-opacity=\"%.2f\"/>",
              x + 0.5, y + 0.5, w - 1, h - 1, below ? "neg" : "pos", 0.05 + 0.55 * share);
}

void chart_heat(page *p, const chart *c, const slice *rows, int n_rows, const slice *cols,
                int n_cols, const double *values, double low, double high) {
    size_t row_text = longest(rows, n_rows, 20), col_text = longest(cols, n_cols, 20);
    frame f = {.w = c->wide ? 860 : 420, .left = 12 + 6.3 * (double)row_text, .right = 6};
    double w = (f.w - f.left - f.right) / (n_cols > 0 ? n_cols : 1), h = w < 26 ? w : 26;
    f.top = 4;
    f.bottom = 10 + 5.2 * (double)col_text;
    f.h = f.top + h * n_rows + f.bottom;
    open_figure(p, c);
    open_svg(p, c, &f);
    text *t = &p->body;
    for (int r = 0; r < n_rows; r++) {
        double y = f.top + h * r;
        short_label(t, f.left - 5, y + h / 2 + 4, rows[r], row_text);
        for (int k = 0; k < n_cols; k++) {
            double v = values[(int64_t)r * n_cols + k];
            if (!isfinite(v)) continue;
            double span = low >= 0 ? high - low : v < 0 ? -low : high;
            double share = span > 0 ? fabs(low >= 0 ? v - low : v) / span : 0;
            draw_cell(t, f.left + w * k, y, w, h, share > 1 ? 1 : share, low < 0 && v < 0);
            if (w < 26) continue;
            char said[32];
            if (low < 0 || c->percent) snprintf(said, sizeof said, c->percent ? "%.0f%%" : "%.2f",
                                                c->percent ? v * 100 : v);
            else tick_text(said, v, false);
            label(t, f.left + w * (k + 0.5), y + h / 2 + 4, "middle", " class=\"v\"",
                  slice_of(said));
        }
        text_add_char(t, '\n');
    }
    for (int k = 0; k < n_cols; k++) {
        text_addf(t, "<g transform=\"translate(%.1f %.1f) rotate(-60)\">", f.left + w * (k + 0.6),
                  f.top + h * n_rows + 10);
        short_label(t, 0, 0, cols[k], col_text);
        text_add(t, SLICE("</g>\n"));
    }
    close_figure(p);
}
