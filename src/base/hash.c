/* hash: SHA-256 of bytes and files, over the crypto library (nettle). */
#include "base/hash.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <nettle/sha2.h>

struct hash {
    struct sha256_ctx inside;
};

static hash_text hex_of(struct sha256_ctx *c) {
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(c, sizeof digest, digest);
    hash_text out;
    for (size_t i = 0; i < sizeof digest; i++) snprintf(out.hex + 2 * i, 3, "%02x", digest[i]);
    return out;
}

hash *hash_open(scope *owner, err *e) {
    hash *h = malloc(sizeof *h);
    if (!h) {
        fail_memory(e, "a hash");
        return NULL;
    }
    sha256_init(&h->inside);
    scope_defer(owner, free, h);
    return h;
}

void hash_add(hash *h, slice bytes) {
    sha256_update(&h->inside, bytes.n, (const uint8_t *)bytes.p);
}

void hash_addf(hash *h, const char *format, ...) {
    text t = {0};
    va_list args;
    va_start(args, format);
    text_addv(&t, format, args);
    va_end(args);
    hash_add(h, text_slice(&t));
    text_free(&t);
}

hash_text hash_end(hash *h) { return hex_of(&h->inside); }

hash_text hash_of(slice bytes) {
    struct sha256_ctx c;
    sha256_init(&c);
    sha256_update(&c, bytes.n, (const uint8_t *)bytes.p);
    return hex_of(&c);
}

bool hash_file(const char *path, hash_text *out, int64_t *bytes, err *e) {
    static const size_t step = (size_t)1 << 20;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_file(e, "open", path);
    uint8_t *buffer = malloc(step);
    struct sha256_ctx c;
    sha256_init(&c);
    int64_t total = 0;
    ssize_t n = buffer ? 1 : -1;
    while (n > 0 && (n = read(file, buffer, step)) > 0) {
        sha256_update(&c, (size_t)n, buffer);
        total += n;
    }
    bool done = n == 0 || fail_file(e, "read", path);
    free(buffer);
    close(file);
    if (!done) return false;
    *out = hex_of(&c);
    if (bytes) *bytes = total;
    return true;
}
