/* masked: any bytes as a disguised text: never beyond its room, words parted by one space, lower
 * case, and the same words again. */
#include <stdlib.h>
#include <string.h>

#include "models/language/masked.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    size_t room = masked_room(n);
    char *copy = malloc(n + 1), *out = malloc(room), *again = malloc(room);
    if (!copy || !out || !again) abort();
    if (n > 0) memcpy(copy, bytes, n);
    size_t got = masked_text((slice){copy, n}, out);
    if (got > 4 * n + 128) abort();
    if (got > 0 && (out[0] == ' ' || out[got - 1] == ' ')) abort();
    for (size_t i = 0; i < got; i++)
        if ((out[i] >= 'A' && out[i] <= 'Z') || (out[i] == ' ' && out[i - 1] == ' ')) abort();
    /* the same bytes give the same words */
    if (masked_text((slice){copy, n}, again) != got || memcmp(out, again, got) != 0) abort();
    free(copy);
    free(out);
    free(again);
    return 0;
}
