/* demo_tables: the planted tables of the demo shop and the curves made of them. */
#include <math.h>
#include <string.h>

#include "pipeline/demo_world.h"

const demo_size demo_sizes[4] = {
    {"tiny", "300 customers, for tests", 300, 800, 12, 1.00, 0.120, 10, 250},
    {"small", "2,000 customers, seconds", 2000, 2000, 12, 1.00, 0.085, 10, 250},
    {"medium", "50,000 customers", 50000, 10000, 16, 0.75, 0.050, 12, 120},
    {"large", "1.3 million customers", 1300000, 105000, 24, 0.505, 0.020, 4, 32},
};

const demo_size *demo_size_find(const char *name) {
    for (int i = 0; i < 4; i++)
        if (strcmp(demo_sizes[i].name, name) == 0) return &demo_sizes[i];
    return NULL;
}

const demo_category demo_categories[DEMO_CATEGORIES] = {
    {"Garment Upper body", .27, 19.99, .40, -1.9, .20, 44, .10, 1.00, {0, 0, 0}, 0, .10},
    {"Garment Lower body", .16, 29.99, .30, -1.6, .12, 40, .00, 0.95, {.05, -.15, .05}, 0, -.25},
    {"Garment Full body", .13, 34.99, .35, -2.3, .45, 26, .05, 1.15, {.25, -.25, -.10}, 0, .15},
    {"Underwear", .09, 12.99, .35, -1.4, .05, 50, .10, 0.90, {-.20, .30, .30}, 0, .30},
    {"Accessories", .08, 9.99, .40, -2.6, .15, 48, .60, 1.05, {-.10, .10, .05}, 0, -.35},
    {"Shoes", .08, 39.99, .35, -1.5, .20, 38, .05, 1.10, {.30, -.35, -.15}, .05, -.10},
    {"Swimwear", .07, 19.99, .30, -2.9, 1.15, 26, .00, 1.00, {.20, -.05, -.05}, 0, .20},
    {"Socks & Tights", .05, 6.99, .30, -1.2, .35, 48, .25, 0.85, {-.35, .40, .35}, 0, .35},
    {"Nightwear", .04, 19.99, .30, -2.1, .35, 50, .80, 0.95, {-.15, .10, .10}, -.06, 0},
    {"Bags", .03, 29.99, .35, -3.2, .10, 22, .40, 1.10, {.15, -.20, -.20}, 0, -.30},
};

const demo_type demo_types[] = {
    {0, 255, "T-shirt", "T-shirt", "Jersey Basic", 1002},
    {0, 252, "Sweater", "jumper", "Knitwear", 1003},
    {0, 254, "Top", "top", "Jersey Fancy", 1005},
    {0, 258, "Blouse", "blouse", "Blouses", 1010},
    {0, 259, "Shirt", "shirt", "Shirts", 1011},
    {0, 262, "Jacket", "jacket", "Outdoor", 1007},
    {0, 308, "Hoodie", "hoodie", "Jersey Fancy", 1005},
    {0, 245, "Cardigan", "cardigan", "Knitwear", 1003},
    {0, 264, "Blazer", "blazer", "Dressed", 1008},
    {1, 272, "Trousers", "trousers", "Trousers", 1009},
    {1, 274, "Shorts", "shorts", "Shorts", 1025},
    {1, 275, "Skirt", "skirt", "Skirts", 1012},
    {1, 273, "Leggings/Tights", "leggings", "Jersey Basic", 1002},
    {2, 265, "Dress", "dress", "Dresses Ladies", 1013},
    {2, 267, "Jumpsuit/Playsuit", "jumpsuit", "Dresses Ladies", 1013},
    {2, 268, "Dungarees", "dungarees", "Trousers Denim", 1016},
    {3, 286, "Underwear bottom", "briefs", "Under-, Nightwear", 1017},
    {3, 306, "Bra", "bra", "Under-, Nightwear", 1017},
    {4, 80, "Scarf", "scarf", "Accessories", 1019},
    {4, 75, "Hat/beanie", "beanie", "Accessories", 1019},
    {4, 70, "Earring", "earrings", "Accessories", 1019},
    {4, 67, "Belt", "belt", "Accessories", 1019},
    {5, 94, "Sneakers", "trainers", "Shoes", 1020},
    {5, 88, "Boots", "boots", "Shoes", 1020},
    {5, 91, "Sandals", "sandals", "Shoes", 1020},
    {6, 298, "Bikini top", "bikini top", "Swimwear", 1018},
    {6, 59, "Swimwear bottom", "bikini bottoms", "Swimwear", 1018},
    {6, 57, "Swimsuit", "swimsuit", "Swimwear", 1018},
    {7, 302, "Socks", "socks", "Socks and Tights", 1021},
    {7, 304, "Underwear Tights", "tights", "Socks and Tights", 1021},
    {8, 297, "Pyjama set", "pyjamas", "Under-, Nightwear", 1017},
    {8, 293, "Night gown", "nightdress", "Under-, Nightwear", 1017},
    {9, 66, "Bag", "bag", "Accessories", 1019},
    {9, 509, "Tote bag", "tote", "Accessories", 1019},
};
const int demo_n_types = sizeof demo_types / sizeof demo_types[0];

const demo_colour demo_colours[] = {
    {9, "Black", 4, "Dark", 5, "Black", .22},
    {73, "Dark Blue", 4, "Dark", 2, "Blue", .11},
    {10, "White", 3, "Light", 9, "White", .10},
    {51, "Light Pink", 1, "Dusty Light", 4, "Pink", .07},
    {7, "Grey", 1, "Dusty Light", 12, "Grey", .07},
    {12, "Light Beige", 1, "Dusty Light", 11, "Beige", .06},
    {43, "Dark Red", 4, "Dark", 18, "Red", .05},
    {72, "Blue", 2, "Medium Dusty", 2, "Blue", .06},
    {42, "Red", 5, "Bright", 18, "Red", .05},
    {19, "Greenish Khaki", 4, "Dark", 20, "Khaki green", .05},
    {93, "Dark Green", 4, "Dark", 19, "Green", .04},
    {31, "Light Orange", 1, "Dusty Light", 3, "Orange", .03},
    {22, "Yellow", 7, "Medium", 8, "Yellow", .03},
    {17, "Yellowish Brown", 2, "Medium Dusty", 13, "Brown", .04},
    {5, "Gold", 5, "Bright", 15, "Metal", .02},
};
const int demo_n_colours = sizeof demo_colours / sizeof demo_colours[0];

const demo_named demo_patterns[] = {
    {1010016, "Solid", .50},   {1010001, "All over pattern", .17}, {1010010, "Melange", .08},
    {1010017, "Stripe", .08},  {1010023, "Denim", .05},            {1010004, "Check", .04},
    {1010008, "Front print", .05}, {1010021, "Lace", .03},
};
const int demo_n_patterns = sizeof demo_patterns / sizeof demo_patterns[0];

const demo_named demo_groups[] = {
    {1, "Ladieswear", .32}, {2, "Divided", .20},       {3, "Menswear", .19},
    {26, "Sport", .13},     {4, "Baby/Children", .16},
};
const int demo_n_groups = sizeof demo_groups / sizeof demo_groups[0];

const demo_named demo_materials[] = {
    {1, "cotton", .30},  {2, "viscose", .14}, {3, "polyester", .16}, {4, "linen", .08},
    {5, "wool", .08},    {6, "satin", .06},   {7, "ribbed jersey", .10}, {8, "recycled nylon", .08},
};
const int demo_n_materials = sizeof demo_materials / sizeof demo_materials[0];

const demo_segment demo_segments[DEMO_SEGMENTS] = {
    {"loyal", .15, .56, 2.4, .60, .050, false, ALWAYS},
    {"bargain", .20, .16, 2.7, .70, .045, true, ALWAYS},
    {"seasonal", .20, .55, 2.0, .45, .045, false, IN_SEASON},
    {"one-off", .19, 0, 2.0, .55, .000, false, ONCE},
    {"churned", .15, .36, 2.0, .50, .050, false, UNTIL},
    {"new", .10, .36, 2.0, .75, .050, false, SINCE},
    {"never", .01, 0, 1.0, .50, .000, false, NEVER},
};

const demo_channel demo_channels[DEMO_CHANNELS] = {
    {"organic", .30, {.00, -.40, -.30}},
    {"direct", .22, {.10, -.25, -.15}},
    {"email", .17, {.35, -.20, -.05}},
    {"paid", .18, {-.10, -.50, -.45}},
    {"social", .13, {-.35, -.75, -.60}},
};
const char *const demo_steps[DEMO_STEPS] = {"view to click", "click to cart", "cart to purchase"};
const char *const demo_topics[DEMO_TOPICS] = {"fit",      "fabric",  "colour", "price",
                                              "delivery", "quality", "style",  "comfort"};
const double demo_weekdays[7] = {.12, .12, .125, .135, .16, .20, .14};

/* Bargain hunters want 21 % of all units by their rates, but at list price only half of that; what
 * they add when prices fall is taken off the others' answer, so that all together answer with the
 * category's elasticity. */
double demo_pull(int category, bool bargain, double ratio) {
    static const double share = .07, full_price = .60, sense = 1.8;
    double all = pow(ratio, demo_categories[category].elasticity);
    double hunters = full_price * pow(ratio, sense * demo_categories[category].elasticity);
    return bargain ? hunters : (all - share * hunters) / (1 - share);
}

/* Week of the year (0…52.2) in the middle of a week. */
static double week_of_year(int week) {
    int year, month, of_month;
    int32_t day = DEMO_FIRST + week * 7 + 3;
    day_split(day, &year, &month, &of_month);
    return (day - day_of(year, 1, 1)) / 7.0;
}

static double season_raw(const demo_category *c, int week) {
    double at = week_of_year(week);
    double value = exp(c->amplitude * cos(2 * 3.14159265358979323846 * (at - c->peak) / 52.18));
    if (at >= 46.3 && at < 47.3) value *= 1.35; /* the week of Black Friday */
    if (at >= 47.3 && at < 50.7) value *= 1 + c->gifts;
    return value;
}

double demo_season(int category, int week) {
    const demo_category *c = &demo_categories[category];
    double sum = 0;
    for (int w = 0; w < DEMO_WEEKS; w++) sum += season_raw(c, w);
    return season_raw(c, week) * DEMO_WEEKS / sum;
}

double demo_trend(int category, int week) {
    int into = week - (DEMO_WEEKS - DEMO_TREND_WEEKS) + 1;
    double drift = demo_categories[category].drift * (week - DEMO_WEEKS / 2) / 52.0;
    return exp(drift + (into > 0 ? demo_categories[category].growth * into : 0));
}

double demo_weekday(int category, int day) {
    double weekend = demo_categories[category].weekend, mean = 0;
    for (int d = 0; d < 7; d++) mean += demo_weekdays[d] * (d >= 5 ? weekend : 1);
    return (day >= 5 ? weekend : 1) / mean;
}

double demo_rate(int channel, int category, int step) {
    double z = demo_channels[channel].step[step] + demo_categories[category].step[step];
    return 1 / (1 + exp(-z));
}

int demo_pick(rng *r, const double *weight, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += weight[i];
    double at = rng_uniform(r) * sum;
    for (int i = 0; i < n - 1; i++) {
        at -= weight[i];
        if (at < 0) return i;
    }
    return n - 1;
}

rng demo_rng(const demo_world *w, const char *use, uint64_t stream) {
    return rng_open(seed_for(w->p.seed, use), stream);
}
