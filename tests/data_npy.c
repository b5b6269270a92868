/* npy: arrays as NumPy and SciPy expect them, byte for byte, and refusals of damaged ones. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/folder.h"
#include "data/gz.h"
#include "data/npy.h"

static slice whole(scope *s, const char *path) {
    err e = {0};
    slice bytes = {0};
    check_ok(file_read(path, s, 1 << 20, &bytes, &e), &e);
    return bytes;
}

CHECK(npy_is_what_numpy_writes) {
    scope s;
    err e = {0};
    char path[600];
    float m[6] = {1, 2, 3, 4, 5, -0.5f};
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    snprintf(path, sizeof path, "%s/a.npy", check_folder("npy"));
    check_ok(npy_write(path, STORE_F32, 2, 3, m, &e), &e);
    slice b = whole(&s, path);
    /* The bytes of np.save for this array (NumPy 1.24): a header of 118 bytes, then the values. */
    check(b.n == 128 + 24 && memcmp(b.p, "\x93NUMPY\x01\x00\x76\x00", 10) == 0);
    slice head = {b.p, 128};
    check_has(head, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
    check(b.p[127] == '\n' && b.p[126] == ' ' && memcmp(b.p + 128, m, 24) == 0);
    npy_array a;
    check_ok(npy_open(&s, path, &a, &e), &e);
    check(a.rows == 2 && a.cols == 3 && a.dims == 2 && npy_at(&a, 1, 2) == -0.5);
    int32_t list[3] = {7, -8, 9};
    check_ok(npy_write(path, STORE_I32, 3, 0, list, &e), &e);
    check_ok(npy_open(&s, path, &a, &e), &e);
    check(a.rows == 3 && a.cols == 1 && a.dims == 1 && npy_at(&a, 1, 0) == -8);
    check(!npy_write("build/no-such-folder/a.npy", STORE_U8, 1, 0, "x", &e));
    check_has(slice_of(e.text), "no-such-folder");
    scope_close(&s);
}

CHECK(npz_members_are_aligned_and_python_reads_it) {
    scope s;
    err e = {0};
    char path[600], command[1400];
    const int64_t indptr[4] = {0, 2, 2, 3};
    const int32_t indices[3] = {0, 3, 1};
    const float data[3] = {1, 2, 4.5f};
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    snprintf(path, sizeof path, "%s/a.npz", check_folder("npz"));
    check_ok(npz_write_csr(path, 3, 5, indptr, indices, data, &e), &e);
    slice b = whole(&s, path);
    int members = 0;
    for (size_t i = 0; i + 6 < b.n; i++)
        if (memcmp(b.p + i, "\x93NUMPY", 6) == 0) {
            members++;
            check(i % 64 == 0);
        }
    check(members == 5);
    check(gz_crc(0, SLICE("123456789")) == 0xCBF43926u); /* the check value of CRC-32 */
    snprintf(command, sizeof command,
             "python3 -c \"import zipfile; z = zipfile.ZipFile('%s'); assert z.testzip() is None;"
             " assert z.namelist() == ['indices.npy', 'indptr.npy', 'format.npy', 'shape.npy',"
             " 'data.npy']\" 2>/dev/null",
             path);
    if (system("python3 -c 1 2>/dev/null") == 0) check(system(command) == 0);
    snprintf(command, sizeof command,
             "python3 -c \"import scipy.sparse as s; m = s.load_npz('%s').toarray();"
             " assert m.tolist() == [[1,0,0,2,0],[0]*5,[0,4.5,0,0,0]]\"",
             path);
    if (system("python3 -c 'import scipy.sparse' 2>/dev/null") == 0) check(system(command) == 0);
    scope_close(&s);
}

CHECK(npy_refuses_what_is_not_an_array) {
    static const struct {
        const char *bytes, *says;
    } cases[] = {{"", "empty"},
                 {"article_id,price\n", "not a NumPy array"},
                 {"\x93NUMPY\x01", "not a NumPy array"},
                 {"\x93NUMPY\x09xxxxxxxxxxxxxx", "damaged"},
                 {"\x93NUMPY\x01!\x10!{'descr'", "damaged"}};
    scope s;
    char path[600];
    err e = {0};
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    snprintf(path, sizeof path, "%s/bad.npy", check_folder("npy-bad"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        npy_array a;
        e = (err){0};
        check_ok(file_replace(path, slice_of(cases[i].bytes), &e), &e);
        check(!npy_open(&s, path, &a, &e) && e.kind == ERR_ASKED_WRONG);
        check_has(slice_of(e.text), cases[i].says);
    }
    double m[100] = {0};
    e = (err){0};
    check_ok(npy_write(path, STORE_F64, 10, 10, m, &e), &e);
    slice b = whole(&s, path);
    npy_array a;
    check_ok(file_replace(path, (slice){b.p, b.n - 1}, &e), &e);
    check(!npy_open(&s, path, &a, &e));
    check_has(slice_of(e.text), "cut off");
    scope_close(&s);
}

CHECK(gzip_comes_back_at_any_chunk_size) {
    scope s;
    err e = {0};
    text packed, plain;
    check_ok(scope_open(&s, 8 << 20, 0, &e), &e);
    text_open(&packed, &s);
    text_open(&plain, &s);
    for (int i = 0; i < 3000; i++) text_addf(&plain, "row %d,%d\n", i, i * i);
    for (int member = 0; member < 2; member++) { /* two members are one stream */
        gz_writer *w = gz_create(&s, &e);
        check_ok(w && gz_write(w, text_slice(&plain), true, &packed, &e), &e);
    }
    for (size_t step = 1; step < 5000; step = step * 3 + 1) {
        gz_reader *g = gz_open(&s, &e);
        char out[777];
        size_t at = 0, got;
        slice left = text_slice(&packed);
        bool same = true;
        for (size_t fed = 0; fed < left.n;) {
            slice piece = {left.p + fed, left.n - fed < step ? left.n - fed : step};
            fed += piece.n;
            do {
                check_ok(gz_read(g, &piece, out, sizeof out, &got, &e), &e);
                for (size_t k = 0; k < got; k++, at++)
                    same = same && out[k] == plain.p[at % plain.n];
            } while (piece.n > 0 || got == sizeof out);
        }
        check(same && at == 2 * plain.n && gz_whole(g));
    }
    packed.p[200] ^= 0x55;
    gz_reader *g = gz_open(&s, &e);
    slice all = text_slice(&packed);
    char *out = take(&s.keep, char, 1 << 20);
    size_t got;
    bool done = g && gz_read(g, &all, out, 1 << 20, &got, &e);
    check(!done && strcmp(e.cause, "bad_data") == 0);
    check_has(slice_of(e.text), "damaged");
    scope_close(&s);
}
