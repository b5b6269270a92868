/* csv: the verdict on each kind of file: accepted, quarantined by which rule, or refused. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/csv.h"
#include "data/folder.h"
#include "data/gz.h"

static const contract_column sale_columns[] = {
    {"time", CONTRACT_TIME, true, "date", 0, 0},    {"customer", CONTRACT_TEXT, true, "user", 0, 0},
    {"price", CONTRACT_REAL, false, NULL, 0, 1e6},  {"units", CONTRACT_INT, false, "qty", -99, 99},
    {"note", CONTRACT_TEXT, false, NULL, 0, 0},
};
static const contract sales = {"sales", 5, sale_columns};

#define HEAD "time,customer,price,units,note\n"
#define ROW  "2020-01-31,c1,9.5,2,blue\n"

/* What came of a file as text: a line for each row, for each problem, then the counts. */
static void outcome(const char *path, csv_params p, text *to) {
    scope s;
    text problems = {0};
    err e = {0};
    csv_batch b;
    check_ok(scope_open(&s, (size_t)64 << 20, 1 << 20, &e), &e);
    csv *r = csv_open(&s, path, &sales, p, &e);
    while (r && csv_next(r, &b, &e) && !b.end) {
        for (int64_t i = 0; i < b.rows.rows; i++) {
            const column *c = b.rows.at;
            text_addf(to, "%lld:", (long long)c[5].i64[i]);
            if (column_has(&c[0], i)) text_addf(to, " t=%lld", (long long)c[0].i64[i] / 1000000);
            if (column_has(&c[1], i))
                text_addf(to, " c=%.*s", (int)c[1].text[i].n, c[1].text[i].p);
            if (column_has(&c[2], i)) text_addf(to, " p=%.17g", c[2].real[i]);
            if (column_has(&c[3], i)) text_addf(to, " u=%lld", (long long)c[3].i64[i]);
            if (column_has(&c[4], i))
                text_addf(to, " n=%.*s", (int)c[4].text[i].n, c[4].text[i].p);
            text_add_char(to, '\n');
        }
        for (int64_t i = 0; i < b.n_problems; i++) {
            const csv_problem *q = &b.problems[i];
            slice seen = csv_printable(&s.keep, q->observed);
            text_addf(&problems, "%lld! %s %s [%.*s]\n", (long long)q->line, q->rule,
                      q->column ? q->column : "-", (int)(seen.n < 40 ? seen.n : 40), seen.p);
        }
    }
    text_add(to, text_slice(&problems));
    text_free(&problems);
    if (e.kind != ERR_NONE)
        text_addf(to, "%s: %s\n", e.kind == ERR_ASKED_WRONG ? "refused" : "failed", e.text);
    else {
        csv_count c = csv_counts(r);
        text_addf(to, "%lld = %lld + %lld + %lld\n", (long long)c.seen, (long long)c.accepted,
                  (long long)c.quarantined, (long long)c.blank);
    }
    scope_close(&s);
}

/* Small buffers: tests open many small files. */
static csv_params small(void) {
    csv_params p = CSV_DEFAULTS;
    p.chunk = p.field_limit = p.record_limit = 1 << 16;
    p.batch = 512;
    return p;
}

static const char *write_case(slice bytes) {
    err e = {0};
    static const char path[] = "build/tests-tmp/case.csv";
    check_ok(file_replace(path, bytes, &e), &e);
    return path;
}

typedef struct a_case {
    const char *name, *text;
    size_t n; /* 0 = up to the terminator */
    const char *wanted; /* the outcome, or a part of it after "~" */
} a_case;

static const a_case cases[] = {
    {"C01 empty", "\n", 1, "~is empty"},
    {"C02 header only", HEAD, 0, "0 = 0 + 0 + 0\n"},
    {"C03 no header", "2020-01-31,c1,9.5,2,blue\n2020-02-01,c2,1,1,x\n", 0,
     "~the first line looks like data"},
    {"C04 duplicate names", "time,customer,price,price\n" ROW, 0, "~both mean price"},
    {"C05 reordered", "note,units,price,customer,time\nblue,2,9.5,c1,2020-01-31\n", 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=blue\n1 = 1 + 0 + 0\n"},
    {"C06 missing required", "time,price\n2020-01-31,1\n", 0, "~no column for customer"},
    {"C07 extra column", "time,customer,size,price\n2020-01-31,c1,XL,2\n", 0,
     "2: t=1580428800 c=c1 p=2\n1 = 1 + 0 + 0\n"},
    {"C08 renamed alias", "Date,USER,QTY\n2020-01-31,c1,3\n", 0,
     "2: t=1580428800 c=c1 u=3\n1 = 1 + 0 + 0\n"},
    {"C09 short row", HEAD "2020-01-31,c1,9.5\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n2! short_row - [3 fields]\n2 = 1 + 1 + 0\n"},
    {"C10 long row", HEAD "2020-01-31,c1,9.5,2,blue,\n", 0,
     "2! long_row - [6 fields]\n1 = 0 + 1 + 0\n"},
    {"C11 unclosed quote, first row", HEAD "2020-01-31,c1,9.5,2,\"blue\n" ROW ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n4: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "2! unclosed_quote - [2020-01-31,c1,9.5,2,\"blue]\n3 = 2 + 1 + 0\n"},
    {"C11 unclosed quote before a quoted row",
     HEAD "2020-01-31,c1,9.5,2,\"blue\n2020-01-31,c1,9.5,2,\"red\"\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=red\n4: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "2! text_after_quote - [2020-01-31,c1,9.5,2,\"blue]\n3 = 2 + 1 + 0\n"},
    {"C11 unclosed quote, last row", HEAD ROW "2020-01-31,c1,9.5,2,\"blue", 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "3! unclosed_quote - [2020-01-31,c1,9.5,2,\"blue]\n2 = 1 + 1 + 0\n"},
    {"C12 bare quote", HEAD "2020-01-31,c1,9.5,2,5\" heel\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "2! bare_quote - [2020-01-31,c1,9.5,2,5\" heel]\n2 = 1 + 1 + 0\n"},
    {"C13 text after quote", HEAD "2020-01-31,\"c\"1,9.5,2,x\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "2! text_after_quote - [2020-01-31,\"c\"1,9.5,2,x]\n2 = 1 + 1 + 0\n"},
    {"C14 backslash escapes", HEAD "2020-01-31,c1,9.5,2,\"a \\\"b\\\" c\"\n", 0,
     "2! text_after_quote - [2020-01-31,c1,9.5,2,\"a \\\"b\\\" c\"]\n1 = 0 + 1 + 0\n"},
    {"C15 doubled quotes", HEAD "2020-01-31,\"c\"\"1\",9.5,2,\"\"\"a\"\"\"\n", 0,
     "2: t=1580428800 c=c\"1 p=9.5 u=2 n=\"a\"\n1 = 1 + 0 + 0\n"},
    {"C16 CRLF", "time,customer\r\n2020-01-31,c1\r\n2020-01-31,c2\r\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=c2\n2 = 2 + 0 + 0\n"},
    {"C17 CR", "time,customer\r2020-01-31,c1\r2020-01-31,c2\r", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=c2\n2 = 2 + 0 + 0\n"},
    {"C18 mixed newlines", "time,customer\n2020-01-31,c1\r\n2020-01-31,c2\r2020-01-31,c3\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=c2\n4: t=1580428800 c=c3\n3 = 3 + 0 + 0\n"},
    {"C19 no final newline", "time,customer\n2020-01-31,c1", 0,
     "2: t=1580428800 c=c1\n1 = 1 + 0 + 0\n"},
    {"C20 blank lines", "\n  \ntime,customer\n\n2020-01-31,c1\n \t \n,\n\r\n", 0,
     "5: t=1580428800 c=c1\n7 = 1 + 0 + 6\n"},
    {"C21 byte order mark", "\xEF\xBB\xBFtime,customer\n2020-01-31,c1\n", 0,
     "2: t=1580428800 c=c1\n1 = 1 + 0 + 0\n"},
    {"C22 UTF-16LE", "\xFF\xFEt\0i\0m\0e\0,\0", 12, "~UTF-16 text (little-endian)"},
    {"C22 UTF-16BE", "\xFE\xFF\0t\0i\0m\0e\0,", 12, "~UTF-16 text (big-endian)"},
    {"C22 UTF-16 without a mark", "t\0i\0m\0e\0,\0c\0\n\0", 14, "~NUL bytes"},
    {"C23 one Latin-1 cell", HEAD "2020-01-31,c1,9.5,2,caf\xE9\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n2! invalid_utf8 note [caf\\xE9]\n2 = 1 + 1 + 0\n"},
    {"C23 Latin-1 file", HEAD "2020-01-31,c\xE9,,,\n2020-01-31,c\xE9,,,\n2020-01-31,\xE9,,,\n", 0,
     "~:2: the text is not UTF-8; it looks like Latin-1"},
    {"C24 overlong, surrogate, cut short",
     HEAD "2020-01-31,\xC0\xAF,,,\xC3\xA9\n2020-01-31,\xED\xA0\x80,,,\n2020-01-31,c1,,,\xE2\x82\n",
     0,
     "2! invalid_utf8 customer [\\xC0\\xAF]\n3! invalid_utf8 customer [\\xED\\xA0\\x80]\n"
     "4! invalid_utf8 note [\\xE2\\x82]\n3 = 0 + 3 + 0\n"},
    {"C25 NUL", "time,customer\n2020-01-31,c\0" "1\n2020-01-31,c2\n", 42,
     "3: t=1580428800 c=c2\n2! nul_byte customer [c\\x001]\n2 = 1 + 1 + 0\n"},
    {"C26 semicolon", "time;customer;price\n2020-01-31;c1;1.5\n", 0,
     "2: t=1580428800 c=c1 p=1.5\n1 = 1 + 0 + 0\n"},
    {"C26 tab", "time\tcustomer\tprice\n2020-01-31\tc1\t1.5\n", 0,
     "2: t=1580428800 c=c1 p=1.5\n1 = 1 + 0 + 0\n"},
    {"C26 pipe", "time|customer|price\n2020-01-31|c1|1.5\n", 0,
     "2: t=1580428800 c=c1 p=1.5\n1 = 1 + 0 + 0\n"},
    {"C27 decimal comma, thousands", "time;customer;price\n2020-01-31;c1;1,5\n"
     "2020-01-31;c1;1.234.567\n2020-01-31;c1;1 234\n", 0,
     "2! not_a_number price [1,5]\n3! not_a_number price [1.234.567]\n"
     "4! not_a_number price [1 234]\n3 = 0 + 3 + 0\n"},
    {"C28 impossible date", "time,customer\n2020-02-30,c1\n2021-02-29,c1\n2020-13-01,c1\n"
     "2020-02-29,c1\n2020-00-10,c1\n", 0,
     "5: t=1582934400 c=c1\n2! not_a_date time [2020-02-30]\n3! not_a_date time [2021-02-29]\n"
     "4! not_a_date time [2020-13-01]\n6! not_a_date time [2020-00-10]\n5 = 1 + 4 + 0\n"},
    {"C29 US and EU order", "time,customer\n09/13/2020,c1\n13.09.2020,c1\n2020/09/13,c1\n", 0,
     "2! not_a_date time [09/13/2020]\n3! not_a_date time [13.09.2020]\n"
     "4! not_a_date time [2020/09/13]\n3 = 0 + 3 + 0\n"},
    {"C30 zones, two-digit years", "time,customer\n2020-01-31T01:00:00Z,c1\n"
     "2020-01-31 01:00:00.250+01:00,c1\n2020-01-30T22:30-0230,c1\n2020-01-31 01:00 UTC,c1\n"
     "20-01-31,c1\n2020-01-31T01:00:00+1,c1\n2020-01-31 24:00,c1\n2020-01-31T,c1\n", 0,
     "2: t=1580432400 c=c1\n3: t=1580428800 c=c1\n4: t=1580432400 c=c1\n5: t=1580432400 c=c1\n"
     "6! not_a_date time [20-01-31]\n7! not_a_date time [2020-01-31T01:00:00+1]\n"
     "8! not_a_date time [2020-01-31 24:00]\n9! not_a_date time [2020-01-31T]\n8 = 4 + 4 + 0\n"},
    {"C30 Unix time", "time,customer\n1580432400,c1\n1580432400000,c1\n1580432400000000,c1\n"
     "20200131,c1\n158043,c1\n", 0,
     "2: t=1580432400 c=c1\n3: t=1580432400 c=c1\n4: t=1580432400 c=c1\n5: t=1580428800 c=c1\n"
     "6! not_a_date time [158043]\n5 = 4 + 1 + 0\n"},
    {"C31 numbers that are none", "time,customer,price\n2020-01-31,c1,inf\n2020-01-31,c1,1e999\n"
     "2020-01-31,c1,0x1p3\n2020-01-31,c1,NaN\n2020-01-31,c1,-0\n2020-01-31,c1,1e3\n"
     "2020-01-31,c1,1e\n2020-01-31,c1,.5\n", 0,
     "5: t=1580428800 c=c1\n6: t=1580428800 c=c1 p=0\n7: t=1580428800 c=c1 p=1000\n"
     "9: t=1580428800 c=c1 p=0.5\n2! not_a_number price [inf]\n3! out_of_range price [1e999]\n"
     "4! not_a_number price [0x1p3]\n8! not_a_number price [1e]\n8 = 4 + 4 + 0\n"},
    {"C32 overflow, leading zeros", "time,customer,units\n2020-01-31,007,9223372036854775808\n"
     "2020-01-31,007,21.0\n2020-01-31,007,21.5\n2020-01-31,007,+7\n2020-01-31,007,100\n", 0,
     "3: t=1580428800 c=007 u=21\n5: t=1580428800 c=007 u=7\n"
     "2! out_of_range units [9223372036854775808]\n4! not_a_whole_number units [21.5]\n"
     "6! out_of_range units [100]\n5 = 2 + 3 + 0\n"},
    {"C35 newline in quotes", HEAD "2020-01-31,c1,9.5,2,\"two\nlines\r\nand\rmore\"\n" ROW, 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=two\nlines\r\nand\rmore\n"
     "6: t=1580428800 c=c1 p=9.5 u=2 n=blue\n2 = 2 + 0 + 0\n"},
    {"C36 truncated last row", HEAD ROW "2020-01-31,c1,9", 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=blue\n3! short_row - [3 fields]\n2 = 1 + 1 + 0\n"},
    {"C37 surrounding spaces", HEAD " 2020-01-31 , c1 ,  9.5,2 , x \n", 0,
     "2: t=1580428800 c= c1  p=9.5 u=2 n= x \n1 = 1 + 0 + 0\n"},
    {"C38 words for nothing", HEAD "2020-01-31,c1,NULL,NA,NULL\n2020-01-31,c1,\\N,null,\\N\n"
     "2020-01-31,c1,\"\",\"\",\"\"\n2020-01-31,c1,None,,NA\n2020-01-31,NULL,1,1,x\n"
     "2020-01-31,\"NULL\",,,x\n2020-01-31,  ,1,1,x\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=c1\n4: t=1580428800 c=c1\n"
     "5: t=1580428800 c=c1 n=NA\n7: t=1580428800 c=NULL n=x\n6! missing customer [NULL]\n"
     "8! missing customer [  ]\n7 = 5 + 2 + 0\n"},
    {"C39 Ctrl-Z", "time,customer\n2020-01-31,c1\n\x1A", 0,
     "2: t=1580428800 c=c1\n2 = 1 + 0 + 1\n"},
    {"C40 zip or xlsx", "PK\x03\x04 and so on", 0, "~a zip or xlsx file"},
    {"C40 zstd", "\x28\xB5\x2F\xFD and so on", 0, "~compressed with zstd"},
    {"C40 Parquet", "PAR1 and so on", 0, "~a Parquet file"},
    {"C41 preamble", "Report of January\nmade by the till\ntime,customer\n2020-01-31,c1\n", 0,
     "~the header is in line 3"},
    {"C41 footer", HEAD ROW "Total,,9.5,2,\n", 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=blue\n3! not_a_date time [Total]\n2 = 1 + 1 + 0\n"},
    {"C42 header of two lines", "time,customer,price\nUTC,key,EUR\n2020-01-31,c1,1\n", 0,
     "3: t=1580428800 c=c1 p=1\n2! not_a_date time [UTC]\n2 = 1 + 1 + 0\n"},
    {"C43 two tables", "time,customer\n2020-01-31,c1\n\nsku,stock,place\na,1,b\n", 0,
     "2: t=1580428800 c=c1\n4! long_row"},
    {"C44 repeated header", HEAD ROW HEAD ROW, 0,
     "2: t=1580428800 c=c1 p=9.5 u=2 n=blue\n4: t=1580428800 c=c1 p=9.5 u=2 n=blue\n"
     "3! repeated_header - [time,customer,price,units,note]\n3 = 2 + 1 + 0\n"},
    {"C45 comment line", HEAD "# from the till\n" ROW, 0,
     "3: t=1580428800 c=c1 p=9.5 u=2 n=blue\n2! short_row - [1 field]\n2 = 1 + 1 + 0\n"},
    {"C46 formula", HEAD "2020-01-31,=cmd,1,1,@x\n", 0,
     "2: t=1580428800 c==cmd p=1 u=1 n=@x\n1 = 1 + 0 + 0\n"},
    {"C47 bidi and zero width", HEAD "2020-01-31,\xE2\x80\xAE" "c1\xE2\x80\x8B,1,1,x\n", 0,
     "2: t=1580428800 c=\xE2\x80\xAE" "c1\xE2\x80\x8B p=1 u=1 n=x\n1 = 1 + 0 + 0\n"},
    {"C50 column without values", HEAD "2020-01-31,c1,,,\n2020-01-31,c2,,,\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=c2\n2 = 2 + 0 + 0\n"},
    {"C52 descending, C51 one key", HEAD "2020-01-31,c1,,,\n2020-01-30,c1,,,\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580342400 c=c1\n2 = 2 + 0 + 0\n"},
    {"C53 future, C54 negative", HEAD "2150-01-31,c1,-1,-2,\n2150-01-31,c1,1,-2,\n", 0,
     "3: t=5682873600 c=c1 p=1 u=-2\n2! out_of_range price [-1]\n2 = 1 + 1 + 0\n"},
    {"C57 case of ids", "time,customer\n2020-01-31,c1\n2020-01-31,C1\n", 0,
     "2: t=1580428800 c=c1\n3: t=1580428800 c=C1\n2 = 2 + 0 + 0\n"},
    {"HTML", "<html><body>\n", 0, "~HTML or XML"},
    {"JSON", "{\"time\": 1}\n", 0, "~JSON"},
};

CHECK(csv_every_kind_of_file_has_its_verdict) {
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const a_case *c = &cases[i];
        text got = {0};
        outcome(write_case((slice){c->text, c->n ? c->n : strlen(c->text)}), small(), &got);
        bool part = c->wanted[0] == '~' || strstr(c->wanted, "=") == NULL ||
                    c->wanted[strlen(c->wanted) - 1] != '\n';
        const char *wanted = c->wanted + (c->wanted[0] == '~');
        bool same = part ? strstr(got.p, wanted) != NULL : strcmp(got.p, wanted) == 0;
        if (!same) print_error("%s gave\n%s", c->name, got.p);
        check(same);
        if (c->wanted[0] == '~') check_has(text_slice(&got), "refused");
        text_free(&got);
    }
}

/* All cases and a long quoted text, one after another, as one file without a fault in its head. */
static void add_all_cases(text *to) {
    text_add(to, SLICE(HEAD));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *p = cases[i].text, *body = strchr(p, '\n');
        if (cases[i].n == 0 && body && strncmp(p, "time", 4) == 0) text_add(to, slice_of(body + 1));
    }
    text_addf(to, ROW "2020-01-31,c9,1,1,\"%0200d\r\n\"\"%070d\"\"\"\n" ROW, 7, 8);
}

CHECK(csv_cuts_the_same_records_at_every_buffer_boundary) {
    text all = {0}, wanted = {0};
    add_all_cases(&all);
    const char *path = write_case(text_slice(&all));
    csv_params p = CSV_DEFAULTS;
    p.plain = true; /* the judge: one record at a time, all bytes at hand */
    p.look = sizeof HEAD - 1; /* no row is in the buffer because of the header */
    outcome(path, p, &wanted);
    check(wanted.n > 3000 && !strstr(wanted.p, "refused"));
    p.record_limit = 1 << 16;
    p.field_limit = 1 << 12;
    for (int plain = 0; plain < 2; plain++) /* each size puts each boundary somewhere else */
        for (p.chunk = 1; p.chunk < 400; p.chunk += 1 + p.chunk / 24) {
            text got = {0};
            p.plain = plain;
            p.batch = 1 + (int64_t)p.chunk % 7;
            outcome(path, p, &got);
            if (strcmp(got.p, wanted.p) != 0) print_error("chunk %zu plain %d\n", p.chunk, plain);
            check(strcmp(got.p, wanted.p) == 0);
            text_free(&got);
        }
    text_free(&all);
    text_free(&wanted);
}

/* The masks look at 64 bytes at a time: what they carry over is tried at each byte of a block. */
CHECK(csv_masks_carry_over_every_byte_of_a_block) {
    static const char *const rows[] = {
        "2020-01-31,\"ab\"c,1,1,\n", "2020-01-31,\"a\"\"b\",1,1,\r\n",
        "2020-01-31,c\xE9,1,1,\n",   "2020-01-31,c,1,1,\"x\r\ny\"\r\n",
        "2020-01-31,c,1,1,\"\n",      "2020-01-31,c,1,1,a\"b\r"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        text file = {0}, wanted = {0}, got = {0};
        text_add(&file, SLICE(HEAD));
        for (int pad = 0; pad < 130; pad++) /* every row begins somewhere else in its block */
            text_addf(&file, "2020-01-31,%0*d,1,1,\n%s" ROW, pad + 1, 0, rows[i]);
        const char *path = write_case(text_slice(&file));
        csv_params p = small();
        p.look = sizeof HEAD - 1; /* 130 cells of Latin-1 in the look would refuse the file */
        outcome(path, p, &got);
        p.plain = true;
        outcome(path, p, &wanted);
        check_text(text_slice(&got), wanted.p);
        check(wanted.n > 130 * 60);
        text_free(&file), text_free(&wanted), text_free(&got);
    }
}

CHECK(csv_rows_do_not_depend_on_threads) {
    text all = {0}, wanted = {0};
    err e = {0};
    text_add(&all, SLICE(HEAD));
    for (int i = 0; i < 30000; i++)
        if (i % 3 == 0 || i > 15000) text_add(&all, i % 2 ? SLICE("x\n") : SLICE("y,z\n"));
        else text_addf(&all,
                  i % 97 ? "2020-01-31,\"c\"\"%d\",%d.25,%d,x\n" : "2020-01-31,c%d,%d.x,%d,y\n", i,
                  i % 1000, i % 99);
    const char *path = write_case(text_slice(&all));
    csv_params p = CSV_DEFAULTS;
    outcome(path, p, &wanted);
    check_has(text_slice(&wanted), "30000 = 9897 + 20103 + 0");
    for (int threads = 1; threads <= 8; threads *= 2) {
        text got = {0};
        p.threads = pool_open(threads, 1 << 20, &e);
        outcome(path, p, &got);
        pool_close(p.threads);
        check(got.n == wanted.n && memcmp(got.p, wanted.p, got.n) == 0);
        text_free(&got);
    }
    text_free(&all);
    text_free(&wanted);
}

CHECK(csv_limits_hold_whatever_the_buffer) {
    text all = {0}, wanted = {0};
    text_add(&all, SLICE(HEAD ROW "2020-01-31,c1,9.5,2,"));
    for (int i = 0; i < 9000; i++) text_add_char(&all, 'z'); /* C33: a field over the limit */
    text_add(&all, SLICE("\n" ROW "2020-01-31,c1,9.5,2,\"")); /* a quote that never closes */
    for (int i = 0; i < 1200; i++) text_add(&all, SLICE("ten bytes\n"));
    text_add(&all, SLICE(ROW));
    for (int i = 0; i < 40000; i++) text_add(&all, SLICE("a,,")); /* a row over the limit */
    text_add(&all, SLICE("\r\n" ROW));
    const char *path = write_case(text_slice(&all));
    csv_params p = CSV_DEFAULTS;
    p.field_limit = 1 << 13;
    p.record_limit = 1 << 16;
    p.plain = true;
    outcome(path, p, &wanted);
    check_has(text_slice(&wanted), "3! field_too_long - [2020-01-31,c1,9.5,2,zz");
    check_has(text_slice(&wanted), "5! unclosed_quote - [2020-01-31,c1,9.5,2,\"ten bytes]");
    check_has(text_slice(&wanted), "1206! row_too_long - [a,,a,,");
    check_has(text_slice(&wanted), "1207: t=1580428800 c=c1 p=9.5 u=2 n=blue\n");
    check_has(text_slice(&wanted), "1206 = 4 + 1202 + 0");
    p.plain = false;
    for (p.chunk = 97; p.chunk < 200000; p.chunk = p.chunk * 5 + 3) {
        text got = {0};
        outcome(path, p, &got);
        check_text(text_slice(&got), wanted.p);
        text_free(&got);
    }
    p.row_limit = 100;
    text got = {0};
    outcome(path, p, &got);
    check_has(text_slice(&got), "has more than 100 rows");
    text_free(&got);
    text_free(&all);
    text_free(&wanted);
}

CHECK(csv_reads_gzip_by_its_bytes_and_notices_a_cut) {
    scope s;
    err e = {0};
    text plain = {0}, packed = {0}, got = {0};
    check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
    text_add(&plain, SLICE(HEAD));
    for (int i = 0; i < 2000; i++) text_addf(&plain, "2020-01-31,c%d,%d.5,1,\n", i * 7919, i);
    gz_writer *w = gz_create(&s, &e);
    check_ok(w && gz_write(w, text_slice(&plain), true, &packed, &e), &e);
    outcome(write_case(text_slice(&packed)), CSV_DEFAULTS, &got);
    check_has(text_slice(&got), "2000 = 2000 + 0 + 0");
    text_clear(&got);
    outcome(write_case((slice){packed.p, packed.n - 9}), CSV_DEFAULTS, &got);
    check_has(text_slice(&got), "refused: build/tests-tmp/case.csv is cut off");
    text_clear(&got);
    packed.p[packed.n / 2] ^= 0x10;
    outcome(write_case(text_slice(&packed)), CSV_DEFAULTS, &got);
    check_has(text_slice(&got), "gzip data is damaged");
    text_free(&plain), text_free(&packed), text_free(&got);
    scope_close(&s);
}

CHECK(csv_says_what_is_wrong_with_the_file_itself) {
    text got = {0};
    outcome("build/no-such.csv", CSV_DEFAULTS, &got);
    outcome("build", CSV_DEFAULTS, &got);
    check_text(text_slice(&got),
               "failed: cannot open build/no-such.csv: No such file or directory\n"
               "refused: build is a folder, not a file\n");
    text_clear(&got);
    text wide = {0};
    for (int i = 0; i < 5000; i++) text_addf(&wide, "%sc%d", i ? "," : "", i); /* C34 */
    outcome(write_case(text_slice(&wide)), CSV_DEFAULTS, &got);
    check_has(text_slice(&got), "more than 4096 columns");
    text_clear(&got);
    outcome(write_case(SLICE("")), CSV_DEFAULTS, &got);
    check_has(text_slice(&got), "is empty: a header line is needed");
    text_free(&got), text_free(&wide);
}

CHECK(csv_notices_a_file_that_changes) {
    scope s;
    err e = {0};
    csv_batch b;
    text all = {0};
    text_add(&all, SLICE(HEAD));
    for (int i = 0; i < 60000; i++) text_add(&all, SLICE(ROW));
    const char *path = write_case(text_slice(&all));
    check_ok(scope_open(&s, (size_t)64 << 20, 0, &e), &e);
    csv *r = csv_open(&s, path, &sales, CSV_DEFAULTS, &e);
    check_ok(r && csv_next(r, &b, &e), &e);
    FILE *f = fopen(path, "ab");
    check(f && fputs(ROW, f) >= 0 && fclose(f) == 0);
    while (csv_next(r, &b, &e) && !b.end) {}
    check(e.kind == ERR_WENT_WRONG && strcmp(e.cause, "temporary") == 0);
    check_has(slice_of(e.text), "changed while it was read");
    scope_close(&s);
    text_free(&all);
}
