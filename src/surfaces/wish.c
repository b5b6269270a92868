/* wish: what a request for recommendations asks for beside whom they are for. */
#include "surfaces/wish.h"

#include <math.h>

wish wish_read(const param_value *v, slice id) {
    wish w = {.k = v[WISH_K].number,
              .offset = v[WISH_OFFSET].number,
              .filter = {.category = (int32_t)v[WISH_CATEGORY].number,
                         .in_stock = v[WISH_IN_STOCK].number != 0,
                         .price_min = v[WISH_PRICE_MIN].given ? v[WISH_PRICE_MIN].real : NAN,
                         .price_max = v[WISH_PRICE_MAX].given ? v[WISH_PRICE_MAX].real : NAN},
              .exclude_bought = v[WISH_EXCLUDE_BOUGHT].number != 0,
              .explore = v[WISH_EXPLORE].number != 0,
              .rerank = RERANK_DEFAULTS,
              .seed = v[WISH_SEED].given ? (uint64_t)v[WISH_SEED].number : slice_hash(id)};
    w.rerank.most_product = (int)v[WISH_MAX_VARIANTS].number;
    w.rerank.most_category = (int)v[WISH_MAX_PER_CATEGORY].number;
    w.rerank.most_type = (int)v[WISH_MAX_PER_TYPE].number;
    w.rerank.diversity = v[WISH_DIVERSITY].real;
    w.rerank.calibration = v[WISH_CALIBRATION].real;
    w.rerank.new_share = v[WISH_NEW_SHARE].real;
    w.balance = w.rerank.most_product > 0 || w.rerank.most_category > 0 ||
                w.rerank.most_type > 0 || w.rerank.diversity > 0 || w.rerank.calibration > 0 ||
                w.rerank.new_share > 0;
    return w;
}
