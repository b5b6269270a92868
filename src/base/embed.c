/* embed: files that the build put into the binary, found by path. */
#include "base/embed.h"

#include <string.h>

bool embed_find(const char *path, slice *out) {
    int low = 0, high = embed_count - 1;
    while (low <= high) {
        int middle = low + (high - low) / 2;
        int order = strcmp(path, embed_files[middle].path);
        if (order == 0) {
            *out = (slice){(const char *)embed_files[middle].bytes, embed_files[middle].n};
            return true;
        }
        if (order < 0) high = middle - 1;
        else low = middle + 1;
    }
    return false;
}

int embed_next(const char *prefix, int from) {
    for (int i = from; i < embed_count; i++)
        if (strncmp(embed_files[i].path, prefix, strlen(prefix)) == 0) return i;
    return -1;
}
