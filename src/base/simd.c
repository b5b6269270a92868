/* simd: one source, several instruction sets, chosen at run time. */
#include "base/simd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SIMD_KINDS] = {"plain", "avx2", "avx512"};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static simd_kind chosen; /* written once, before its first reader */

int simd_has(simd_kind kind) {
    if (kind == SIMD_PLAIN) return 1;
#ifdef __x86_64__
    __builtin_cpu_init();
    if (kind == SIMD_AVX2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

static void choose(void) {
    int best = SIMD_PLAIN;
    for (int k = SIMD_PLAIN; k < SIMD_KINDS; k++)
        if (simd_has((simd_kind)k)) best = k;
    const char *wish = getenv("ATELIER_SIMD");
    for (int k = SIMD_PLAIN; wish && k < best; k++)
        if (strcmp(wish, names[k]) == 0) best = k;
    chosen = (simd_kind)best;
}

simd_kind simd_level(void) {
    pthread_once(&once, choose);
    return chosen;
}

const char *simd_name(simd_kind kind) { return names[kind]; }

int simd_has_vnni(void) {
#ifdef __x86_64__
    return simd_has(SIMD_AVX512) && __builtin_cpu_supports("avx512vnni");
#else
    return 0;
#endif
}
