/* buyers: customers with known histories of purchases, for the tests of what they are worth. */
#include "buyers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

void bed_open(bed *b, int threads) {
    memset(b, 0, sizeof *b);
    check_ok(scope_open(&b->s, 256 << 20, 256 << 20, &b->e), &b->e);
    b->threads = pool_open(threads, 16 << 20, &b->e);
    check(b->threads != NULL);
}

void bed_close(bed *b) {
    pool_close(b->threads);
    scope_close(&b->s);
}

void bed_room(bed *b, int64_t n) {
    double **columns[] = {&b->x, &b->t, &b->T, &b->m};
    for (int k = 0; k < 4; k++) *columns[k] = take(&b->s.keep, double, n);
    b->n = n;
}

void bed_collapse(bed *b) {
    check_ok(patterns_of(&b->c, b->x, b->t, b->T, b->n, &b->s.keep, b->s.scratch, &b->e), &b->e);
}

static uint32_t draw(uint32_t *state, uint32_t n) {
    *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
    return (*state >> 8) % n;
}

/* The 240 customers of the oracle. */
void bed_histories(bed *b) {
    static const uint32_t purchases[] = {0, 0, 0, 0, 1, 1, 2, 3, 5, 9};
    static const uint32_t early_of[] = {0, 3, 1, 1, 0, 0, 0, 0, 0, 0};
    uint32_t state = 12345;
    bed_room(b, 240);
    for (int64_t i = 0; i < b->n; i++) {
        uint32_t T = 140 + draw(&state, 134), x = purchases[draw(&state, 10)], t = 0;
        bool early = draw(&state, 4) < early_of[x];
        if (x > 0) t = early ? 1 + draw(&state, T / 2) : T - draw(&state, T / 8);
        b->x[i] = x;
        b->t[i] = t / 7.0;
        b->T[i] = T / 7.0;
        b->m[i] = 5 + draw(&state, 4000) / 100.0;
    }
    bed_collapse(b);
}

/* n customers of the story that BG/NBD tells, followed for T weeks and `more` weeks after them. */
void bed_story(bed *b, int64_t n, const double p[4], double more, double *later) {
    bed_room(b, n);
    for (int64_t i = 0; i < n; i++) {
        rng r = rng_open(11, (uint64_t)i);
        double rate = rng_gamma(&r, p[0]) / p[1], stop = rng_gamma(&r, p[2]);
        stop /= stop + rng_gamma(&r, p[3]);
        double T = (150 + (double)rng_below(&r, 123)) / 7, now = 0;
        b->T[i] = T;
        while (true) {
            now += ceil(7 * rng_exponential(&r) / rate) / 7; /* days, as shops keep them */
            if (!(now < T + more)) break;
            if (now <= T) b->x[i]++, b->t[i] = now;
            else later[i]++;
            if (rng_uniform(&r) < stop) break;
        }
    }
    bed_collapse(b);
}

bool bed_cdnow(bed *b, bool whole, double *later) {
    const char *path = check_data(whole ? "retail/CDNOW_master.txt" : "retail/CDNOW_sample.txt");
    const char *row = whole ? "%d %d %*d %lf" : "%*d %d %d %*d %lf";
    FILE *in = path ? fopen(path, "rb") : NULL;
    int id, ymd, before = -1, last = -1, start = 0;
    double money, spent = 0;
    if (!in) return false;
    if (whole) check(fscanf(in, "%*[^\n]") == 0); /* names of the columns */
    int32_t end = day_of(1997, 9, 30);
    bed_room(b, whole ? CDNOW_WHOLE : CDNOW_SAMPLE);
    int64_t i = -1;
    while (fscanf(in, row, &id, &ymd, &money) == 3) {
        int day = day_of(ymd / 10000, ymd / 100 % 100, ymd % 100);
        if (id != before) {
            i++, before = id, start = last = day, spent = 0;
            b->T[i] = (end - day) / 7.0;
            continue;
        }
        if (day == start) continue;
        if (day > end) {
            later[i] += day != last;
        } else {
            b->x[i] += day != last;
            b->t[i] = (day - start) / 7.0;
            spent += money;
            b->m[i] = spent / b->x[i];
        }
        last = day;
    }
    fclose(in);
    check(i + 1 == b->n);
    bed_collapse(b);
    return true;
}

/* Histories as published, two digits of a week. */
bool bed_summary(bed *b) {
    const char *path = check_data("retail/cdnow_customers_summary.csv");
    FILE *in = path ? fopen(path, "rb") : NULL;
    int id;
    if (!in) return false;
    bed_room(b, CDNOW_SAMPLE);
    check(fscanf(in, "%*[^\n]") == 0);
    for (int64_t i = 0; i < b->n; i++)
        check(fscanf(in, "%d,%lf,%lf,%lf", &id, &b->x[i], &b->t[i], &b->T[i]) == 4);
    fclose(in);
    bed_collapse(b);
    return true;
}
