/* npy: NumPy's array files: .npy written and mapped, and .npz with a sparse matrix written.
 *
 * Written: version 1.0, little-endian, C order, header padded so that the data begins at a multiple
 * of 64 bytes: np.load(path, mmap_mode="r") maps it without a copy. The .npz is a stored (not
 * deflated) zip, read by scipy.sparse.load_npz; its bytes hold no time of day.
 * Format: NEP 1 and numpy/lib/format.py; zip: APPNOTE 6.3, without zip64 (members below 4 GiB).
 *
 * Read: versions 1 to 3, one or two dimensions, C order, bool, signed and unsigned integers and
 * floats of either 4 or 8 bytes (integers also 1 and 2), little-endian. */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include "data/store.h"

/* data [rows, cols]; cols = 0 writes one dimension [rows]. The file is complete or it fails. */
bool npy_write(const char *path, store_type type, int64_t rows, int64_t cols, const void *data,
               err *e);

/* A CSR matrix: indptr [rows+1] ascending from 0, indices [indptr[rows]] in 0 … cols-1, data alike.
 * scipy.sparse.load_npz gives a csr_matrix of float32. */
bool npz_write_csr(const char *path, int64_t rows, int64_t cols, const int64_t *indptr,
                   const int32_t *indices, const float *data, err *e);

typedef struct npy_array {
    int64_t rows, cols; /* cols = 1 for one dimension */
    int dims;           /* 1 or 2 */
    char kind;          /* 'b' bool, 'i', 'u', 'f' */
    int width;          /* bytes per value */
    const void *data;   /* [rows, cols], mapped; dies with owner */
} npy_array;

bool npy_open(scope *owner, const char *path, npy_array *out, err *e);
double npy_at(const npy_array *a, int64_t row, int64_t col);

#endif
