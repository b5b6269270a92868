/* cost: what clustering so many rows will take, before it is begun: seconds and memory. */
#include "models/segment/cost.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

enum {
    ASKED = 1000,     /* rows whose neighbours are looked for */
    AMONG = 20000,    /* rows among which */
    CHUNK = 20,       /* asked rows a chunk */
};
#define WORK 4e8 /* differences of two numbers, at most */

typedef struct pairs {
    const float *x;
    int64_t n, asked, among;
    int d;
    double *ratio; /* [asked] ln(r2 / r1); NaN: does not tell */
} pairs;

/* The i-th of `of` rows, evenly spread over n. */
static int64_t place(int64_t i, int64_t of, int64_t n) {
    return (int64_t)(((double)i + 0.5) / (double)of * (double)n);
}

static double ratio_of(const pairs *p, int64_t row) {
    double first = INFINITY, second = INFINITY;
    const float *a = p->x + row * p->d;
    for (int64_t o = 0; o < p->among; o++) {
        int64_t other = place(o, p->among, p->n);
        if (other == row) continue;
        const float *b = p->x + other * p->d;
        double sum = 0;
        for (int j = 0; j < p->d && sum < second; j++) {
            double gap = (double)a[j] - (double)b[j];
            sum += gap * gap;
        }
        if (sum < first) second = first, first = sum;
        else if (sum < second) second = sum;
    }
    return first > 0 && second < INFINITY ? log(second / first) / 2 : (double)NAN;
}

static void ratio_chunk(void *what, int64_t chunk, arena scratch) {
    (void)scratch;
    const pairs *p = what;
    int64_t last = (chunk + 1) * CHUNK < p->asked ? (chunk + 1) * CHUNK : p->asked;
    for (int64_t i = chunk * CHUNK; i < last; i++)
        p->ratio[i] = ratio_of(p, place(i, p->asked, p->n));
}

double cost_dimension(const float *x, int64_t n, int d, pool *threads, arena scratch) {
    pairs p = {.x = x, .n = n, .d = d, .asked = n < ASKED ? n : ASKED};
    p.among = (int64_t)fmin(WORK / (double)d / (double)p.asked, AMONG);
    if (p.among > n) p.among = n;
    p.ratio = take(&scratch, double, p.asked);
    pool_for(threads, (p.asked + CHUNK - 1) / CHUNK, ratio_chunk, &p);
    double *told = take(&scratch, double, p.asked), sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < p.asked; i++)
        if (isfinite(p.ratio[i])) told[count++] = p.ratio[i];
    if (count < 10) return d;
    int32_t *order = order_count(count, &scratch);
    order_up(order, count, told, scratch);
    int64_t kept = count - count / 10;
    for (int64_t i = 0; i < kept; i++) sum += told[order[i]];
    sum += (double)(count - kept) * told[order[kept - 1]];
    return sum > 0 ? fmin((double)kept / sum, d) : d;
}

cost cost_kmeans(int64_t n, int d, int k, int starts, int64_t sample) {
    double rows = (double)n + (n > sample ? (double)sample * starts : (double)n * (starts - 1));
    double distances = rows * k * 30;
    return (cost){distances * (d + 4) * 6e-11 + 0.001, (double)n * (8.0 * d + 24) * 2};
}

cost cost_hdbscan(int64_t n, int d, int neighbours, double dimension) {
    double rows = (double)n, levels = log2(rows + 2);
    /* per row and level of the tree: the exponent grows with the square of the dimension */
    double tree = rows * levels * 8e-8 * exp(0.062 * dimension * dimension) *
                  (1 + (double)neighbours / 20);
    double all = rows * rows * (d + 4) * 2.5e-10;
    return (cost){fmin(tree, all) + rows * 3e-6 + 0.01, rows * (250 + 12.0 * d)};
}

char *cost_words(cost c, arena *keep) {
    static const struct {
        double least, unit;
        const char *word;
    } times[] = {{172800, 86400, "days"}, {7200, 3600, "hours"}, {120, 60, "minutes"},
                 {0, 1, "seconds"}};
    int i = 0;
    while (c.seconds < times[i].least) i++;
    double many = c.seconds / times[i].unit, gb = c.bytes / 1e9;
    double size = gb >= 1 ? gb : ceil(c.bytes / 1e6);
    char *time = arena_text(keep, "about %.*f %s", many < 10, many, times[i].word);
    return arena_text(keep, "%s and %.*f %s of memory", c.seconds < 1 ? "under a second" : time,
                      gb >= 1 && gb < 10, size, gb >= 1 ? "GB" : "MB");
}
