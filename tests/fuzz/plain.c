/* plain: any bytes as HTML: never longer, valid text stays valid, again changes little. */
#include <stdlib.h>
#include <string.h>

#include "models/language/plain.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    char *copy = malloc(n + 1), *out = malloc(n + 1), *again = malloc(n + 1);
    if (!copy || !out || !again) abort();
    if (n > 0) memcpy(copy, bytes, n);
    bool valid = slice_utf8_prefix((slice){copy, n}) == n;
    size_t got = plain_text((slice){copy, n}, out);
    if (got > n || (valid && slice_utf8_prefix((slice){out, got}) != got)) abort();
    size_t second = plain_text((slice){out, got}, again);
    if (second > got) abort();
    if (second == got && memcmp(out, again, got) != 0) abort();
    free(copy);
    free(out);
    free(again);
    return 0;
}
