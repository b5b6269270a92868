/* tongue: any bytes as a text: a language exactly when one is told, the same one again. */
#include <stdlib.h>
#include <string.h>

#include "models/language/tongue.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    const char *first, *second;
    char *copy = malloc(n + 1);
    if (!copy) abort();
    if (n > 0) memcpy(copy, bytes, n);
    tongue told = tongue_of((slice){copy, n}, &first);
    if (told != tongue_of((slice){copy, n}, &second) || first != second) abort();
    if ((told == TONGUE_UNKNOWN) != (first == NULL)) abort();
    if ((told == TONGUE_ENGLISH) != (first == tongue_names[TONGUE_EN])) abort();
    free(copy);
    return 0;
}
