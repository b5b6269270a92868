/* fuzz_csv: replays the corpus of tests/fuzz/csv, each file also cut short and changed. */
#include "check.h"

#include <dirent.h>

#include "data/folder.h"
#include "fuzz/csv.c"

CHECK(csv_fuzz_corpus_holds) {
    scope s;
    err e = {0};
    int files = 0;
    DIR *dir = opendir("tests/fuzz/csv");
    check(dir != NULL);
    for (struct dirent *at; (at = readdir(dir)) != NULL;) {
        char path[400];
        slice b;
        if (at->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "tests/fuzz/csv/%s", at->d_name);
        check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
        check_ok(file_read(path, &s, 1 << 19, &b, &e), &e);
        unsigned char *bytes = take(&s.keep, unsigned char, b.n + 1);
        memcpy(bytes, b.p, b.n);
        check(LLVMFuzzerTestOneInput(bytes, b.n) == 0);
        check(LLVMFuzzerTestOneInput(bytes, b.n * 2 / 3) == 0);
        bytes[b.n / 2] ^= 0x04;
        check(LLVMFuzzerTestOneInput(bytes, b.n) == 0);
        scope_close(&s);
        files++;
    }
    closedir(dir);
    check(files >= 10);
}
