/* fuzz_language: replays the corpora of the parsers of texts and weights, cut and changed. */
#include "check.h"

#include <dirent.h>
#include <stdio.h>

#include "data/folder.h"

#define LLVMFuzzerTestOneInput fuzz_tensors
#include "fuzz/tensors.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_wordpiece
#include "fuzz/wordpiece.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_plain
#include "fuzz/plain.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_masked
#include "fuzz/masked.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tongue
#include "fuzz/tongue.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_store
#include "fuzz/store.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_aspects
#include "fuzz/aspects.c"
#undef LLVMFuzzerTestOneInput

/* Every file of the corpus, cut at every byte and with every byte changed. */
static void replay(const char *folder_of, int (*one)(const unsigned char *bytes, size_t n)) {
    scope s;
    err e = {0};
    int files = 0;
    DIR *dir = opendir(folder_of);
    check(dir != NULL);
    for (struct dirent *at; (at = readdir(dir)) != NULL;) {
        char path[400];
        slice b;
        if (at->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder_of, at->d_name);
        check_ok(scope_open(&s, 4 << 20, 0, &e), &e);
        check_ok(file_read(path, &s, 1 << 19, &b, &e), &e);
        unsigned char *bytes = take(&s.keep, unsigned char, b.n + 1);
        memcpy(bytes, b.p, b.n);
        for (size_t n = 0; n <= b.n; n++) check(one(bytes, n) == 0);
        for (size_t n = 0; n < b.n; n++) {
            bytes[n] ^= 0x84;
            check(one(bytes, b.n) == 0);
            bytes[n] ^= 0x84;
        }
        scope_close(&s);
        files++;
    }
    closedir(dir);
    check(files >= 4);
}

CHECK(tensors_fuzz_corpus_holds) { replay("tests/fuzz/tensors", fuzz_tensors); }
CHECK(wordpiece_fuzz_corpus_holds) { replay("tests/fuzz/wordpiece", fuzz_wordpiece); }
CHECK(plain_fuzz_corpus_holds) { replay("tests/fuzz/plain", fuzz_plain); }
CHECK(tongue_fuzz_corpus_holds) { replay("tests/fuzz/tongue", fuzz_tongue); }
CHECK(store_fuzz_corpus_holds) { replay("tests/fuzz/store", fuzz_store); }
CHECK(aspects_fuzz_corpus_holds) { replay("tests/fuzz/aspects", fuzz_aspects); }
CHECK(masked_fuzz_corpus_holds) { replay("tests/fuzz/masked", fuzz_masked); }
