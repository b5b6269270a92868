/* rfm: recency, frequency and money of customers as scores 1 to 5 and one of eleven names. */
#include "models/segment/rfm.h"

#include <assert.h>
#include <math.h>

#include "base/order.h"

const char *const rfm_names[RFM_NAMES] = {
    "Champions",      "Loyal",          "Potential Loyalist", "New",
    "Promising",      "Need Attention", "About To Sleep",     "At Risk",
    "Cannot Lose",    "Hibernating",    "Lost"};

/* Cells (digits R F M) of each name, 0 ends; 125 in all. */
static const int16_t cells[RFM_NAMES][25] = {
    {555, 554, 544, 545, 454, 455, 445},
    {543, 444, 435, 355, 354, 345, 344, 335},
    {553, 551, 552, 541, 542, 533, 532, 531, 452, 451, 442, 441,
     431, 453, 433, 432, 423, 353, 352, 351, 342, 341, 333, 323},
    {512, 511, 422, 421, 412, 411, 311},
    {525, 524, 523, 522, 521, 515, 514, 513, 425, 424, 413, 414, 415, 315, 314, 313},
    {535, 534, 443, 434, 343, 334, 325, 324},
    {331, 321, 312, 221, 213, 231, 241, 251},
    {255, 254, 245, 244, 253, 252, 243, 242, 235, 234, 225, 224,
     153, 152, 145, 143, 142, 135, 134, 133, 125, 124},
    {155, 154, 144, 214, 215, 115, 114, 113},
    {332, 322, 233, 232, 223, 222, 132, 123, 122, 212, 211},
    {111, 112, 121, 131, 141, 151}};

int32_t rfm_name(int recency, int frequency, int money) {
    assert(recency >= 1 && recency <= 5 && frequency >= 1 && frequency <= 5);
    assert(money >= 1 && money <= 5);
    int cell = recency * 100 + frequency * 10 + money;
    for (int32_t name = 0; name < RFM_NAMES; name++)
        for (int i = 0; i < 25 && cells[name][i]; i++)
            if (cells[name][i] == cell) return name;
    return -1; /* not reached: the names cover all 125 cells (a test counts them) */
}

static void quintiles(const double *value, int64_t n, double *cut, arena scratch) {
    int32_t *order = order_count(n, &scratch);
    order_up(order, n, value, scratch);
    for (int q = 1; q <= RFM_CUTS; q++) cut[q - 1] = value[order[(n * q + 4) / 5 - 1]];
}

rfm_cuts rfm_cuts_of(const rfm_data *data, arena scratch) {
    static const double fixed[RFM_CUTS] = {1, 2, 4, 9};
    rfm_cuts c = {0};
    assert(data->n >= 1 && data->n <= INT32_MAX);
    quintiles(data->recency, data->n, c.recency, scratch);
    quintiles(data->frequency, data->n, c.frequency, scratch);
    quintiles(data->money, data->n, c.money, scratch);
    for (int i = 1; i < RFM_CUTS; i++)
        if (c.frequency[i] == c.frequency[i - 1]) c.fixed_frequency = true;
    for (int i = 0; i < RFM_CUTS && c.fixed_frequency; i++) c.frequency[i] = fixed[i];
    return c;
}

const char *rfm_cuts_check(const rfm_cuts *c) {
    const double *all[] = {c->recency, c->frequency, c->money};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < RFM_CUTS; i++) {
            if (!isfinite(all[k][i])) return "a cut point is no finite number";
            if (i > 0 && all[k][i] < all[k][i - 1]) return "cut points must ascend";
        }
    return NULL;
}

static int below(const double *cut, double value) {
    int n = 0;
    for (int i = 0; i < RFM_CUTS; i++) n += cut[i] < value;
    return n;
}

rfm_score rfm_score_one(const rfm_cuts *c, double recency, double frequency, double money) {
    rfm_score s = {5 - below(c->recency, recency), 1 + below(c->frequency, frequency),
                   1 + below(c->money, money), 0};
    s.name = rfm_name(s.recency, s.frequency, s.money);
    return s;
}
