/* lines: the raw record behind a line number, whatever ends the lines. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/folder.h"
#include "data/lines.h"

static void check_lines(scope *s, const char *content, const int64_t *at, int n,
                        const char *const *wanted) {
    err e = {0};
    slice got[8];
    const char *path = arena_text(&s->keep, "%s/file.csv", check_folder("lines"));
    check_ok(file_replace(path, slice_of(content), &e), &e);
    check_ok(lines_read(s, path, at, n, got, &e), &e);
    for (int i = 0; i < n; i++) {
        if (!wanted[i]) check(got[i].p == NULL);
        else check_text(got[i], wanted[i]);
    }
}

CHECK(lines_come_by_their_number) {
    scope s;
    err e = {0};
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    static const char *const wanted[] = {"a,b", "1,2", "5,6", NULL};
    static const int64_t at[] = {1, 2, 4, 9};
    check_lines(&s, "a,b\n1,2\n3,4\n5,6", at, 4, wanted);
    check_lines(&s, "a,b\r\n1,2\r\n3,4\r\n5,6\r\n", at, 4, wanted);
    check_lines(&s, "a,b\r1,2\r3,4\r5,6\r", at, 4, wanted);
    static const char *const quoted[] = {"1,\"two\nlines \"\"here\"\"\"", "3,4"};
    static const int64_t where[] = {2, 4};
    check_lines(&s, "a,b\n1,\"two\nlines \"\"here\"\"\"\n3,4\n", where, 2, quoted);
    static const char *const gaps[] = {"", "x"};
    static const int64_t blank[] = {2, 3};
    check_lines(&s, "a\n\nx\n", blank, 2, gaps);
    scope_close(&s);
}

CHECK(lines_of_a_missing_file_are_refused) {
    scope s;
    err e = {0};
    slice got;
    check_ok(scope_open(&s, 16 << 20, 0, &e), &e);
    check(!lines_read(&s, "build/tests-tmp/no-such-file.csv", (const int64_t[]){1}, 1, &got, &e));
    check_has(slice_of(e.text), "no-such-file.csv");
    scope_close(&s);
}
