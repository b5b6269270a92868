/* gz: gzip streams, in and out, and CRC-32, over zlib; the only file that includes its header. */
#include "data/gz.h"

#include <assert.h>
#include <string.h>

#include <zlib.h>

struct gz_reader {
    z_stream z;
    bool inside; /* in the middle of a member */
};

struct gz_writer {
    z_stream z;
};

static void end_reading(void *what) { inflateEnd(&((gz_reader *)what)->z); }
static void end_writing(void *what) { deflateEnd(&((gz_writer *)what)->z); }

gz_reader *gz_open(scope *owner, err *e) {
    gz_reader *g = take(&owner->keep, gz_reader, 1);
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) { /* 15: largest window, +16: gzip wrapping only */
        fail_memory(e, "gzip");
        return NULL;
    }
    scope_defer(owner, end_reading, g);
    return g;
}

bool gz_read(gz_reader *g, slice *input, char *out, size_t room, size_t *n, err *e) {
    const size_t most = 1u << 30; /* zlib counts in unsigned int */
    g->z.next_out = (Bytef *)out;
    g->z.avail_out = (uInt)(room < most ? room : most);
    uInt room_before = g->z.avail_out;
    while (g->z.avail_out > 0 && input->n > 0) {
        if (!g->inside && inflateReset(&g->z) != Z_OK) return fail(e, "gzip cannot start");
        g->inside = true;
        g->z.next_in = (Bytef *)(uintptr_t)input->p;
        g->z.avail_in = (uInt)(input->n < most ? input->n : most);
        uInt before = g->z.avail_in;
        int result = inflate(&g->z, Z_NO_FLUSH);
        uInt used = before - g->z.avail_in;
        *input = (slice){input->p + used, input->n - used};
        if (result == Z_STREAM_END) g->inside = false;
        else if (result != Z_OK && result != Z_BUF_ERROR) {
            fail(e, "the gzip data is damaged (%s)", g->z.msg ? g->z.msg : "unknown reason");
            return fail_cause(e, "bad_data");
        }
        if (result == Z_BUF_ERROR && used == 0) break;
    }
    *n = room_before - g->z.avail_out;
    return true;
}

bool gz_whole(const gz_reader *g) { return !g->inside; }

gz_writer *gz_create_at(scope *owner, int level, err *e) {
    gz_writer *g = take(&owner->keep, gz_writer, 1);
    if (deflateInit2(&g->z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        fail_memory(e, "gzip");
        return NULL;
    }
    scope_defer(owner, end_writing, g);
    return g;
}

gz_writer *gz_create(scope *owner, err *e) { return gz_create_at(owner, 6, e); }

bool gz_write(gz_writer *g, slice bytes, bool last, text *out, err *e) {
    char buffer[16384];
    assert(bytes.n < 1u << 30);
    g->z.next_in = (Bytef *)(uintptr_t)bytes.p;
    g->z.avail_in = (uInt)bytes.n;
    for (int result = Z_OK; result == Z_OK;) {
        g->z.next_out = (Bytef *)buffer;
        g->z.avail_out = sizeof buffer;
        result = deflate(&g->z, last ? Z_FINISH : Z_NO_FLUSH);
        if (result == Z_STREAM_ERROR) return fail(e, "gzip refuses to compress");
        text_add(out, (slice){buffer, sizeof buffer - g->z.avail_out});
        if (g->z.avail_out > 0 && !last) break;
    }
    return true;
}

uint32_t gz_crc(uint32_t crc, slice bytes) {
    return (uint32_t)crc32_z(crc, (const Bytef *)bytes.p, bytes.n);
}
