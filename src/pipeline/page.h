/* page: one self-contained HTML page: sections, sentences, tables, and the charts of chart.h.
 *
 *     page p;
 *     page_open(&p, s, "What the shop's data looks like", "Written by step 05.");
 *     page_section(&p, "Sales over time");
 *     page_sentence(&p, "%lld units in %d weeks.", units, weeks);
 *     page_table(&p, "Weeks", (const char *const[]){"week", "#units", NULL});
 *     page_row(&p); page_cell(&p, SLICE("2020-01-06")); page_number(&p, 12);
 *     page_table_end(&p);
 *     slice html = page_close(&p);
 *
 * No script, no address of another machine; light and dark by the reader's setting. All text is
 * escaped. Tables scroll sideways on a phone. The page must live as long as owner, with which its
 * text is freed. */
#ifndef PIPELINE_PAGE_H
#define PIPELINE_PAGE_H

#include "base/text.h"
#include "data/columns.h"

typedef struct page {
    text body, links, whole; /* links: the list of sections; whole: the document */
    scope *owner;
    const char *title;
    int sections, charts, cells;
    bool in_section, in_row, in_charts;
    unsigned numeric; /* bit i: column i of the table is numbers */
} page;

void page_open(page *p, scope *owner, const char *title, const char *lead);
void page_section(page *p, const char *title); /* closes the one before */
void page_heading(page *p, const char *title); /* a smaller heading within a section */
void page_sentence(page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A sentence that stands out: a verdict or a warning. */
void page_note(page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* headers end with NULL; one that begins with '#' is a column of numbers. caption may be NULL.
 * Between page_table and page_table_end only rows and cells. At most 32 columns. */
void page_table(page *p, const char *caption, const char *const *headers);
void page_row(page *p);
void page_cell(page *p, slice s);
void page_cellf(page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_number(page *p, double x); /* 1,234,567 or 0.0123; NaN is an en dash */
void page_table_end(page *p);
/* All rows of a result; its names are the headers ('_' shown as a space). */
void page_columns(page *p, const char *caption, const columns *c);

/* The whole document; nothing may be added afterwards. */
slice page_close(page *p);

/* ---- for chart.c and tests ---- */
void page_escape(text *to, slice s);           /* & < > " ' */
void page_number_text(text *to, double x);     /* as page_number shows it */
void page_charts(page *p, bool open);          /* charts in a row share a grid */

#endif
