/* topk_kernels: the table of whole-number kernels and which of them this processor has. */
#include "models/recommend/topk_simd.h"

#ifdef __x86_64__
const topk_kernel topk_kernels[TOPK_KERNELS] = {
    {"plain", 127, topk_scan_one_plain, topk_scan_four_plain},
    {"avx2", 63, topk_scan_one_avx2, topk_scan_four_avx2},
    {"avx512", 63, topk_scan_one_avx512, topk_scan_four_avx512},
    {"vnni", 127, topk_vnni_one_avx512, topk_vnni_four_avx512},
};
#else
const topk_kernel topk_kernels[TOPK_KERNELS] = {
    {"plain", 127, topk_scan_one_plain, topk_scan_four_plain},
    {"plain", 127, topk_scan_one_plain, topk_scan_four_plain},
    {"plain", 127, topk_scan_one_plain, topk_scan_four_plain},
    {"plain", 127, topk_scan_one_plain, topk_scan_four_plain},
};
#endif

int topk_kernel_has(int kernel) {
    return kernel == TOPK_VNNI ? simd_has_vnni() : simd_has((simd_kind)kernel);
}

int topk_kernel_here(void) {
    int level = (int)simd_level();
    return level == SIMD_AVX512 && simd_has_vnni() ? TOPK_VNNI : level;
}
