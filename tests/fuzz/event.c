/* event: any bytes as the name of an event: none, or the one that its spellings all have. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "data/event_names.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n) {
    static const char known[] = " view click cart_add purchase list_view search cart_remove "
                                "cart_view checkout refund promo_view promo_click wishlist_add "
                                "home other ";
    char *copy = malloc(n + 1), *loud = malloc(2 * n + 1), word[40];
    if (!copy || !loud) abort();
    memcpy(copy, bytes, n);
    for (size_t i = 0; i < n; i++) {
        loud[2 * i] = (char)toupper(bytes[i]);
        loud[2 * i + 1] = '-';
    }
    const char *is = event_name((slice){copy, n}), *as = event_name((slice){loud, 2 * n});
    if (is != as) abort();
    if (is) {
        word[0] = ' ';
        strcpy(word + 1, is);
        strcat(word, " ");
        if (!strstr(known, word)) abort();
    }
    free(copy);
    free(loud);
    return 0;
}
