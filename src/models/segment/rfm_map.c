/* rfm_map: which name each of the 125 cells of recency, frequency and money has. */
#include "models/segment/rfm_map.h"

static int place_of(int r, int f, int m) { return (r - 1) * 25 + (f - 1) * 5 + m - 1; }

/* The place of a name, which is added where it is new. */
static int32_t put(rfm_map *m, slice name) {
    int32_t i = 0;
    while (i < m->n && slice_compare(m->name[i], name) != 0) i++;
    if (i == m->n) m->name[m->n++] = name;
    return i;
}

rfm_map rfm_map_default(void) {
    rfm_map map = {.n = RFM_NAMES};
    for (int i = 0; i < RFM_NAMES; i++) map.name[i] = slice_of(rfm_names[i]);
    for (int r = 1; r <= 5; r++)
        for (int f = 1; f <= 5; f++)
            for (int m = 1; m <= 5; m++) map.of[place_of(r, f, m)] = rfm_name(r, f, m);
    return map;
}

rfm_map rfm_map_shopify(void) {
    enum { CHAMPIONS, LOYAL, ACTIVE, NEW, PROMISING, NEEDS, RISK, PREVIOUS, ALMOST, DORMANT, N };
    static const char *const names[N] = {"Champions", "Loyal", "Active", "New", "Promising",
                                         "Needs attention", "At risk", "Previously loyal",
                                         "Almost lost", "Dormant"};
    /* by R from 5 to 1 and 2 FM: up to 4, 5 and 6, 7, 8, 9 and 10 */
    static const int8_t of[5][5] = {{NEW, ACTIVE, ACTIVE, CHAMPIONS, CHAMPIONS},
                                    {PROMISING, ACTIVE, ACTIVE, LOYAL, LOYAL},
                                    {PROMISING, NEEDS, NEEDS, LOYAL, LOYAL},
                                    {ALMOST, ALMOST, RISK, RISK, PREVIOUS},
                                    {DORMANT, ALMOST, RISK, RISK, PREVIOUS}};
    static const int8_t column[11] = {0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 4};
    rfm_map map = {.n = N};
    for (int i = 0; i < N; i++) map.name[i] = slice_of(names[i]);
    for (int r = 1; r <= 5; r++)
        for (int f = 1; f <= 5; f++)
            for (int m = 1; m <= 5; m++) map.of[place_of(r, f, m)] = of[5 - r][column[f + m]];
    return map;
}

bool rfm_map_own(rfm_map *m, const int64_t *cell, const slice *name, int64_t rows, err *e) {
    bool given[RFM_CELLS] = {false};
    *m = (rfm_map){0};
    for (int64_t i = 0; i < rows; i++) {
        int64_t r = cell[i] / 100, f = cell[i] / 10 % 10, money = cell[i] % 10;
        if (r < 1 || r > 5 || f < 1 || f > 5 || money < 1 || money > 5)
            return refuse(e, "cell %lld: a cell is three digits from 1 to 5, recency, frequency "
                             "and money, like 354", (long long)cell[i]);
        int place = place_of((int)r, (int)f, (int)money);
        if (given[place]) return refuse(e, "cell %lld has two names", (long long)cell[i]);
        given[place] = true;
        m->of[place] = put(m, name[i]);
    }
    for (int i = 0; i < RFM_CELLS; i++)
        if (!given[i])
            return refuse(e, "cell %d%d%d has no name: all 125 need one", i / 25 + 1,
                          i / 5 % 5 + 1, i % 5 + 1);
    return true;
}

int32_t rfm_map_name(const rfm_map *m, rfm_score s) {
    return m->of[place_of(s.recency, s.frequency, s.money)];
}
