/* simd: one source, several instruction sets, chosen at run time.
 *
 * A file named *_simd.c is compiled three times: plain (the baseline CPU, the judge of the
 * others), avx2 (with FMA) and avx512; on other processors plain only. Inside it, SIMD(name)
 * gives each copy its own name:
 *
 *     float SIMD(dot)(const float *x, const float *y, int64_t n) { ... }
 *
 * and the caller picks from SIMD_TABLE(dot) by simd_level(). Use GCC vector extensions and
 * several accumulators: sums are not reassociated by the compiler. Last digits may differ between
 * levels, never between numbers of threads. */
#ifndef BASE_SIMD_H
#define BASE_SIMD_H

typedef enum simd_kind { SIMD_PLAIN, SIMD_AVX2, SIMD_AVX512, SIMD_KINDS } simd_kind;

/* The best level that this processor and operating system have; the environment variable
 * ATELIER_SIMD=plain|avx2|avx512 lowers it (tests walk all that are there). Read once. */
simd_kind simd_level(void);
int simd_has(simd_kind kind);
const char *simd_name(simd_kind kind);

/* True when the avx512 level also has dot products of bytes (VNNI). */
int simd_has_vnni(void);

#define SIMD_PASTE2(a, b) a##_##b
#define SIMD_PASTE(a, b)  SIMD_PASTE2(a, b)
#ifdef SIMD_LEVEL
#define SIMD(name) SIMD_PASTE(name, SIMD_LEVEL)
#endif

#ifdef __x86_64__
#define SIMD_DECLARE(result, name, ...)                                                            \
    result name##_plain(__VA_ARGS__);                                                              \
    result name##_avx2(__VA_ARGS__);                                                               \
    result name##_avx512(__VA_ARGS__)
#define SIMD_TABLE(name) {name##_plain, name##_avx2, name##_avx512}
#else
#define SIMD_DECLARE(result, name, ...) result name##_plain(__VA_ARGS__)
#define SIMD_TABLE(name) {name##_plain, name##_plain, name##_plain}
#endif

#endif
