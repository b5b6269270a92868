/* pool: parallel for over chunks; nothing else about threads.
 *
 *     pool *p = pool_open(threads, 64 << 20, e);
 *     pool_for(p, chunks, work, &what);      // work(&what, chunk, scratch) for chunk = 0 … n-1
 *     pool_close(p);
 *
 * Chunks are handed out in increasing order, to whichever thread is free. Results must not depend
 * on that: cut the work into chunks by its size (never by the number of threads), write to places
 * owned by the chunk, and add partial sums in chunk order afterwards. Then 1, 2 and 8 threads give
 * the same bytes. pool_for returns when all chunks are done; calls must not nest. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdint.h>

#include "base/arena.h"

typedef struct pool pool;
typedef void pool_work(void *what, int64_t chunk, arena scratch);

/* threads >= 1 counts the caller too. Each worker has `scratch` bytes of address space of its
 * own, handed to the work function as new for each chunk. NULL (and e) when the system refuses. */
pool *pool_open(int threads, size_t scratch, err *e);
void pool_close(pool *p);
int pool_threads(const pool *p);
void pool_for(pool *p, int64_t chunks, pool_work *work, void *what);

/* The processors this process may run on, at least 1. */
int pool_processors(void);

#endif
