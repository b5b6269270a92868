/* segments that live: weights of features, identity over refits, rules, drift. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "models/segment/weigh.h"

static void open_scope(scope *s) {
    err e = {0};
    check_ok(scope_open(s, 16 << 20, 16 << 20, &e), &e);
}

CHECK(weigh_evens_out_groups_by_their_longest_axis) {
    /* columns 0 and 1 are the same, 2 is alone; all of mean 0 and variance 1: the group of two has
     * its longest axis of variance 2 */
    static const float z[] = {1, 1, 1, -1, -1, 1, 1, 1, -1, -1, -1, -1};
    static const int group[] = {7, 7, 3};
    double weight[3];
    scope s;
    open_scope(&s);
    weigh_even(z, 4, 3, group, weight, s.scratch);
    check_near(weight[0], 0.5, 1e-12);
    check_near(weight[1], 0.5, 1e-12);
    check_near(weight[2], 1, 1e-12);
    scope_close(&s);
}

CHECK(weigh_gives_each_column_the_share_that_lies_between_the_clusters) {
    /* column 0: 0 2 | 6 8: T = 40, W = 4, B / T = .9; column 1: 0 4 | 0 4: nothing between;
     * column 2: 0 0 | 1 1: all between */
    static const float z[] = {0, 0, 0, 2, 4, 0, 6, 0, 1, 8, 4, 1};
    static const int32_t label[] = {0, 0, 1, 1}, one[] = {0, 0, 0, 0};
    double weight[3];
    scope s;
    open_scope(&s);
    weigh_separate(z, 4, 3, label, 2, weight, s.scratch);
    check_near(weight[0], 0.9, 1e-12);
    check_near(weight[1], 0, 1e-12);
    check_near(weight[2], 1, 1e-12);
    weigh_separate(z, 4, 3, one, 1, weight, s.scratch); /* nothing is separated: all count */
    check_near(weight[0], 1, 0);
    check_near(weight[1], 1, 0);
    scope_close(&s);
}
