/* page: one self-contained HTML page: sections, sentences, tables, and the charts of chart.h. */
#include "pipeline/page.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fbfaf8;--card:#fff;--ink:#1d1b20;--soft:#6a6570;"
    "--line:#e4e0da;--grid:#ebe7e1;--c0:#2f5fb3;--c1:#c8553d;--c2:#2b8a6b;--c3:#8b5fbf;"
    "--c4:#b58a1b;--c5:#3a8fa8;--c6:#a34a7b;--c7:#6b7a2f;--note:#fff4dc;--pos:#2f5fb3;"
    "--neg:#c8553d}"
    "@media(prefers-color-scheme:dark){:root{--bg:#16151a;--card:#1f1d24;--ink:#eceaf0;"
    "--soft:#a29daa;--line:#35323c;--grid:#2b2931;--c0:#86a9ec;--c1:#ec8f78;--c2:#68c9a6;"
    "--c3:#bd9aea;--c4:#dcb957;--c5:#72c3da;--c6:#dd8fb6;--c7:#acbb6a;--note:#3a321d;"
    "--pos:#6f97e6;--neg:#e0755c}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}"
    "main{max-width:1120px;margin:0 auto;padding:24px 16px 64px}"
    "h1{font-size:1.75rem;line-height:1.2;margin:8px 0 4px;letter-spacing:-.01em}"
    "h2{font-size:1.25rem;margin:0 0 8px}h3{font-size:1rem;margin:24px 0 8px}"
    ".lead,.soft,figcaption,caption{color:var(--soft)}p{max-width:72ch;margin:8px 0}"
    "nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:16px 0 24px}"
    "a{color:var(--c0)}section{background:var(--card);border:1px solid var(--line);"
    "border-radius:10px;padding:20px;margin:0 0 20px;scroll-margin-top:12px}"
    ".note{background:var(--note);border-radius:6px;padding:8px 12px}"
    ".scroll{overflow-x:auto;margin:12px 0}table{border-collapse:collapse;font-size:.875rem;"
    "font-variant-numeric:tabular-nums;min-width:100%}caption{text-align:left;padding:0 0 6px}"
    "th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;"
    "vertical-align:top;white-space:nowrap;max-width:34ch;overflow:hidden;text-overflow:ellipsis}"
    "th{font-weight:600}th.n,td.n{text-align:right}"
    "td.l{white-space:normal;min-width:24ch;max-width:44ch}tbody tr:last-child td{border-bottom:0}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));"
    "gap:16px;margin:16px 0}figure{margin:0;min-width:0}figure.wide{grid-column:1/-1}"
    "figure.wide{overflow-x:auto}figure.wide svg{min-width:620px}"
    "figure h4{font-size:.875rem;margin:0 0 4px;font-weight:600}"
    "svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}"
    "svg text{fill:var(--soft)}svg .v{fill:var(--ink)}svg .g{stroke:var(--grid);stroke-width:1}"
    "svg .a{stroke:var(--line);stroke-width:1}.key{display:flex;flex-wrap:wrap;gap:2px 14px;"
    "font-size:.8125rem;color:var(--soft);margin:0 0 2px}.key i{display:inline-block;width:10px;"
    "height:10px;border-radius:3px;margin-right:5px}"
    "@media(max-width:480px){section{padding:14px 12px}h1{font-size:1.375rem}}"
    "@media print{section{border:0;padding:8px 0}figure,tr,h3{break-inside:avoid}nav{display:none}"
    "h2,h3{break-after:avoid}.scroll{overflow:visible}th,td,td.l{white-space:normal;"
    "min-width:0;padding:3px 6px}}";

void page_escape(text *to, slice s) {
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *as = NULL;
        switch (s.p[i]) {
        case '&': as = "&amp;"; break;
        case '<': as = "&lt;"; break;
        case '>': as = "&gt;"; break;
        case '"': as = "&quot;"; break;
        case '\'': as = "&#39;"; break;
        default: continue;
        }
        text_add(to, (slice){s.p + from, i - from});
        text_add(to, slice_of(as));
        from = i + 1;
    }
    text_add(to, (slice){s.p + from, s.n - from});
}

/* Digits in groups of three, so that long counts can be read. */
static void add_grouped(text *to, const char *digits) {
    size_t n = strcspn(digits, "."), at = digits[0] == '-';
    if (at) text_add(to, SLICE("\xe2\x88\x92")); /* a real minus sign */
    for (size_t i = at; i < n; i++) {
        if (i > at && (n - i) % 3 == 0) text_add_char(to, ',');
        text_add_char(to, digits[i]);
    }
    text_add(to, slice_of(digits + n));
}

void page_number_text(text *to, double x) {
    char digits[400];
    if (isnan(x)) {
        text_add(to, SLICE("\xe2\x80\x93")); /* en dash */
        return;
    }
    if (isinf(x)) {
        text_add(to, x > 0 ? SLICE("\xe2\x88\x9e") : SLICE("\xe2\x88\x92\xe2\x88\x9e"));
        return;
    }
    double size = fabs(x);
    int decimals = x == floor(x) ? 0 : size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
    snprintf(digits, sizeof digits, "%.*f", decimals, x);
    if (decimals == 4) { /* 0.5000 is 0.5; a number that rounds to nothing keeps its size */
        if (size < 0.00005) snprintf(digits, sizeof digits, "%.1e", x);
        else
            for (size_t n = strlen(digits); digits[n - 1] == '0' && digits[n - 2] != '.'; n--)
                digits[n - 1] = 0;
    }
    add_grouped(to, digits);
}

/* ---- the frame ---- */

void page_charts(page *p, bool open) {
    if (open == p->in_charts) return;
    text_add(&p->body, open ? SLICE("<div class=\"charts\">\n") : SLICE("</div>\n"));
    p->in_charts = open;
}

void page_open(page *p, scope *owner, const char *title, const char *lead) {
    *p = (page){.owner = owner, .title = title};
    text_open(&p->body, owner);
    text_open(&p->links, owner);
    text_add(&p->body, SLICE("<h1>"));
    page_escape(&p->body, slice_of(title));
    text_add(&p->body, SLICE("</h1>\n"));
    if (!lead) return;
    text_add(&p->body, SLICE("<p class=\"lead\">"));
    page_escape(&p->body, slice_of(lead));
    text_add(&p->body, SLICE("</p>\n"));
}

static void end_section(page *p) {
    page_charts(p, false);
    if (p->in_section) text_add(&p->body, SLICE("</section>\n"));
    p->in_section = false;
}

void page_section(page *p, const char *title) {
    end_section(p);
    if (p->sections == 0) text_add(&p->body, SLICE("<!--links-->\n"));
    p->sections++;
    p->in_section = true;
    text_addf(&p->links, "<li><a href=\"#s%d\">", p->sections);
    page_escape(&p->links, slice_of(title));
    text_add(&p->links, SLICE("</a></li>\n"));
    text_addf(&p->body, "<section id=\"s%d\">\n<h2>", p->sections);
    page_escape(&p->body, slice_of(title));
    text_add(&p->body, SLICE("</h2>\n"));
}

void page_heading(page *p, const char *title) {
    page_charts(p, false);
    text_add(&p->body, SLICE("<h3>"));
    page_escape(&p->body, slice_of(title));
    text_add(&p->body, SLICE("</h3>\n"));
}

static void add_paragraph(page *p, const char *open, const char *format, va_list args) {
    text t = {0};
    page_charts(p, false);
    text_addv(&t, format, args);
    text_add(&p->body, slice_of(open));
    page_escape(&p->body, text_slice(&t));
    text_add(&p->body, SLICE("</p>\n"));
    text_free(&t);
}

void page_sentence(page *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_paragraph(p, "<p>", format, args);
    va_end(args);
}

void page_note(page *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add_paragraph(p, "<p class=\"note\">", format, args);
    va_end(args);
}

slice page_close(page *p) {
    text *whole = &p->whole;
    end_section(p);
    slice body = text_slice(&p->body);
    static const char mark[] = "<!--links-->\n";
    const char *at = p->sections ? strstr(body.p, mark) : NULL;
    size_t before = at ? (size_t)(at - body.p) : body.n;
    text_open(whole, p->owner);
    text_add(whole, SLICE("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, "
                           "initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n<title>"));
    page_escape(whole, slice_of(p->title));
    text_addf(whole, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", style);
    text_add(whole, (slice){body.p, before});
    if (at) {
        text_addf(whole, "<nav aria-label=\"Sections\"><ul>\n");
        text_add(whole, text_slice(&p->links));
        text_add(whole, SLICE("</ul></nav>\n"));
        size_t skip = before + sizeof mark - 1;
        text_add(whole, (slice){body.p + skip, body.n - skip});
    }
    text_add(whole, SLICE("</main>\n</body>\n</html>\n"));
    return text_slice(whole);
}

/* ---- tables ---- */

void page_table(page *p, const char *caption, const char *const *headers) {
    page_charts(p, false);
    p->numeric = 0;
    p->in_row = false;
    text_add(&p->body, SLICE("<div class=\"scroll\" tabindex=\"0\"><table>\n"));
    if (caption) {
        text_add(&p->body, SLICE("<caption>"));
        page_escape(&p->body, slice_of(caption));
        text_add(&p->body, SLICE("</caption>\n"));
    }
    text_add(&p->body, SLICE("<thead><tr>"));
    for (int i = 0; headers[i]; i++) {
        assert(i < 32);
        bool number = headers[i][0] == '#';
        if (number) p->numeric |= 1u << i;
        text_add(&p->body, number ? SLICE("<th class=\"n\" scope=\"col\">")
                                  : SLICE("<th scope=\"col\">"));
        page_escape(&p->body, slice_of(headers[i] + number));
        text_add(&p->body, SLICE("</th>"));
    }
    text_add(&p->body, SLICE("</tr></thead>\n<tbody>\n"));
}

static void end_row(page *p) {
    if (p->in_row) text_add(&p->body, SLICE("</tr>\n"));
    p->in_row = false;
}

void page_row(page *p) {
    end_row(p);
    text_add(&p->body, SLICE("<tr>"));
    p->in_row = true;
    p->cells = 0;
}

static void open_cell(page *p, bool lines) {
    bool number = p->cells < 32 && (p->numeric >> p->cells & 1u);
    text_add(&p->body, number  ? SLICE("<td class=\"n\">")
                       : lines ? SLICE("<td class=\"l\">")
                               : SLICE("<td>"));
    p->cells++;
}

void page_cell(page *p, slice s) {
    open_cell(p, s.n > 40); /* a sentence runs over several lines */
    if (s.n > 160) { /* long texts are cut on a whole character */
        s.n = 157;
        s.n = slice_utf8_prefix(s);
        page_escape(&p->body, s);
        text_add(&p->body, SLICE("\xe2\x80\xa6"));
    } else {
        page_escape(&p->body, s);
    }
    text_add(&p->body, SLICE("</td>"));
}

void page_cellf(page *p, const char *format, ...) {
    text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    page_cell(p, text_slice(&t));
    text_free(&t);
}

void page_number(page *p, double x) {
    open_cell(p, false);
    page_number_text(&p->body, x);
    text_add(&p->body, SLICE("</td>"));
}

void page_table_end(page *p) {
    end_row(p);
    text_add(&p->body, SLICE("</tbody></table></div>\n"));
}

static void column_cell(page *p, const column *c, int64_t row, arena scratch) {
    if (!column_has(c, row)) {
        page_cell(p, SLICE("\xe2\x80\x93"));
        return;
    }
    switch (c->type) {
    case COLUMN_I32: page_number(p, c->i32[row]); break;
    case COLUMN_I64: page_number(p, (double)c->i64[row]); break;
    case COLUMN_REAL: page_number(p, c->real[row]); break;
    case COLUMN_TEXT: page_cell(p, c->text[row]); break;
    case COLUMN_DAY: page_cell(p, slice_of(day_text(&scratch, c->i32[row]))); break;
    case COLUMN_TIME: {
        int64_t day = c->i64[row] / 86400000000, left = c->i64[row] % 86400000000;
        if (left < 0) day--, left += 86400000000;
        page_cellf(p, "%s %02d:%02d", day_text(&scratch, (int32_t)day), (int)(left / 3600000000),
                   (int)(left / 60000000 % 60));
        break;
    }
    }
}

void page_columns(page *p, const char *caption, const columns *c) {
    assert(c->n <= 32);
    arena scratch = p->owner->scratch;
    const char *headers[33] = {0};
    for (int i = 0; i < c->n; i++) {
        bool number = c->at[i].type == COLUMN_I32 || c->at[i].type == COLUMN_I64 ||
                      c->at[i].type == COLUMN_REAL;
        char *name = arena_text(&scratch, "%s%s", number ? "#" : "", c->at[i].name);
        for (char *at = name; *at; at++)
            if (*at == '_') *at = ' ';
        headers[i] = name;
    }
    page_table(p, caption, headers);
    for (int64_t r = 0; r < c->rows; r++) {
        page_row(p);
        for (int i = 0; i < c->n; i++) column_cell(p, &c->at[i], r, scratch);
    }
    page_table_end(p);
}
