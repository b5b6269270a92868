/* feed: which cards a shop's tiles make, how eight are chosen, and that their evidence holds. */
#include "check_json.h"
#include "desk.h"

#include <math.h>
#include <string.h>

#include "pipeline/feed.h"

static const windows summer = {19723, 19940, 19968, 19996};

/* Two categories move, one surely; an article; revenue by three parts. */
static const char trends[] =
    "{\"as_of\":\"2024-10-01\",\"weeks\":4,\"rising\":[{\"level\":\"category\",\"id\":\"Bags\"},"
    "{\"level\":\"article\",\"id\":\"7\",\"name\":\"Vera bag\",\"window\":8,\"recent\":150,"
    "\"previous\":50,\"growth\":2.5,\"low\":2,\"high\":3,\"lfsr\":0.001,\"price\":10,"
    "\"reasons\":[{\"text\":\"it is cheaper\"}],\"weeks\":[1,2]}],\"declining\":[],"
    "\"categories\":[{\"name\":\"Bags\",\"growth\":1.5,\"low\":1.2,\"high\":1.8,\"lfsr\":0.01,"
    "\"call\":\"rising\",\"weeks\":[3,4]},{\"name\":\"Hats & co\",\"growth\":0.9,\"low\":0.7,"
    "\"high\":1.1,\"lfsr\":0.3,\"call\":\"declining\",\"weeks\":[3,4]}],\"revenue\":{\"previous\":"
    "{\"from\":\"2024-09-03\",\"all\":{\"before\":1000,\"revenue\":1200,\"price\":50,\"volume\":"
    "100,\"mix\":50},\"categories\":[{\"category\":\"Bags\",\"revenue\":900,\"change\":300},"
    "{\"category\":\"Hats & co\",\"revenue\":300,\"change\":-100}],\"shapley\":[{\"factor\":"
    "\"traffic\",\"part\":-20},{\"factor\":\"conversion\",\"part\":220}]}}}";
static const char alerts[] =
    "{\"types\":{\"markdown\":{\"alerts\":2,\"money\":400},\"dead\":{\"alerts\":1,\"money\":5000},"
    "\"surge\":{\"alerts\":1,\"money\":90},\"broken\":{\"alerts\":1,\"money\":80},\"reorder\":"
    "{\"alerts\":1,\"money\":70}},\"alerts\":[{\"type\":\"dead\",\"name\":\"Old hat\",\"money\":"
    "5000,\"probability\":0.5,\"action\":\"Clear it.\"},{\"type\":\"markdown\",\"name\":\"Coat\","
    "\"money\":300,\"probability\":1,\"action\":\"Cut.\"},{\"type\":\"markdown\",\"name\":"
    "\"Scarf\",\"money\":100,\"probability\":0.8,\"action\":\"Cut.\"},{\"type\":\"surge\","
    "\"name\":\"A\",\"money\":90,\"probability\":1,\"action\":\"x\"},{\"type\":\"broken\","
    "\"name\":\"B\",\"money\":80,\"probability\":1,\"action\":\"x\"},{\"type\":\"reorder\","
    "\"name\":\"C\",\"money\":70,\"probability\":1,\"action\":\"x\"}]}";
/* Bags answer surely to price; hats do not show on which side of -1 they are. */
static const char prices[] =
    "{\"prices_follow_demand\":false,\"ways_disagree\":false,\"categories\":[{\"category\":"
    "\"Bags\",\"elasticity\":-2,\"low\":-2.4,\"high\":-1.6},{\"category\":\"Hats & co\","
    "\"elasticity\":-1.1,\"low\":-2,\"high\":-0.2}]}";
/* 200 of 1,000 by app and 160 of 400 by web buy: apps lose more. */
static const char funnel[] =
    "{\"steps\":[\"view\",\"purchase\"],\"all\":{\"counts\":[1400,360],\"step_rates\":[{\"value\":"
    "1},{\"value\":0.25}]},\"by\":{\"platform\":[{\"value\":\"web\",\"counts\":[400,160],"
    "\"step_rates\":[{},{\"value\":0.4}]},{\"value\":\"app\",\"counts\":[1000,200],"
    "\"step_rates\":[{},{\"value\":0.2,\"low\":0.18,\"high\":0.22}]}]},\"trend\":[1,2,3,4],"
    "\"kpis\":{\"aov\":{\"value\":50}}}";
/* Of segment b 40 left and none came. */
static const char segments[] =
    "{\"method\":\"kmeans\",\"segments\":[{\"id\":\"k-2\",\"customers\":60,\"revenue\":600,"
    "\"clv\":{\"mean\":5}}],\"migration\":[{\"method\":\"rfm\"},{\"method\":\"kmeans\",\"ids\":["
    "\"k-1\",\"k-2\"],\"names\":[\"a\",\"b\"],\"sizes\":[{\"day\":\"2024-09-01\",\"customers\":"
    "[10,100]},{\"day\":\"2024-10-01\",\"customers\":[10,60]}],\"months\":[{\"from\":"
    "\"2024-09-01\",\"customers\":[[10,0,0],[0,60,40],[0,0,0]]}]}]}";
static const char reviews[] =
    "{\"by_category\":[{\"category\":\"Hats & co\",\"months\":[{\"month\":\"2024-08\"},{\"month\":"
    "\"2024-09\"}],\"changes\":[{\"month\":\"2024-09\",\"before\":0.8,\"after\":0.6,\"difference\":"
    "-0.2,\"low\":-0.3,\"high\":-0.1}]}],\"aspects\":[{\"aspect\":\"fit\",\"months\":[],"
    "\"changes\":[]}]}";
static const char baskets[] =
    "{\"articles\":[{\"id\":\"7\",\"name\":\"Vera bag\",\"other_name\":\"Coat\",\"n\":12,"
    "\"expected\":2,\"low\":3}]}";

static const struct {
    const char *file, *call, *json;
} tiles[] = {{"trends.json", "/v1/trends", trends},       {"alerts.json", "/v1/alerts", alerts},
             {"prices.json", "/v1/prices", prices},       {"funnel.json", "/v1/funnel", funnel},
             {"segments.json", "/v1/segments", segments}, {"reviews.json", "/v1/reviews", reviews},
             {"baskets.json", "/v1/baskets", baskets}};

/* insights.json of the tiles whose bit is set. */
static const js_node *cards_of(desk *t, unsigned which) {
    err e = {0};
    for (size_t i = 0; i < sizeof tiles / sizeof tiles[0]; i++)
        if (which >> i & 1)
            check_ok(folder_write(t->f, tiles[i].file, slice_of(tiles[i].json), &e), &e);
    check_ok(feed_write(&t->w, t->f, &t->s, &e), &e);
    return js_get(desk_tile(t, "insights.json"), "cards");
}

static const js_node *card(const js_node *cards, const char *id) {
    for (int64_t i = 0; i < js_count(cards); i++)
        if (slice_is(text_of(js_at(cards, i), "id"), id)) return js_at(cards, i);
    return NULL;
}

/* The number at a JSON pointer without escapes. */
static double at(desk *t, const js_node *n, slice pointer) {
    char *path = slice_copy(&t->s.keep, pointer);
    double x;
    for (char *rest = NULL, *step = strtok_r(path, "/", &rest); step;
         step = strtok_r(NULL, "/", &rest)) {
        int64_t i;
        n = js_is_array(n) && slice_int(slice_of(step), &i) ? js_at(n, i) : js_get(n, step);
    }
    return js_real(n, &x) ? x : NAN;
}

CHECK(cards_of_all_tiles_are_the_best_of_each_page_with_evidence) {
    desk t;
    desk_open(&t, 1, "feed", summer);
    const js_node *cards = cards_of(&t, 0x7f);
    check(js_count(cards) == 8);
    double last = INFINITY;
    for (int64_t i = 0; i < js_count(cards); i++) {
        const js_node *one = js_at(cards, i), *evidence = js_get(one, "evidence");
        slice call = text_of(evidence, "call");
        double sure, money = fabs(real_of(one, "money"));
        if (isnan(money)) money = 0;
        if (js_real(js_get(one, "confidence"), &sure)) {
            check(sure >= 0.8);
            money *= sure;
        }
        check(money <= last);
        last = money;
        for (size_t k = 0; k < sizeof tiles / sizeof tiles[0]; k++)
            if (strncmp(call.p, tiles[k].call, strlen(tiles[k].call)) == 0)
                check_near(at(&t, desk_tile(&t, tiles[k].file), text_of(evidence, "at")),
                           real_of(evidence, "value"), 0);
    }
    check(card(cards, "category/Bags") && card(cards, "alerts/markdown"));
    check(!card(cards, "alerts/dead"));        /* 5,000, but half sure */
    check(!card(cards, "category/Hats & co")); /* 70 % sure */
    check(!card(cards, "price/Bags"));         /* of the thing of a dearer card */
    check(card(cards, "rising/7") && card(cards, "funnel/loss") && !card(cards, "revenue"));
    check(card(cards, "segment/k-2") && card(cards, "baskets/pair"));
    check(card(cards, "reviews/category/Hats & co") && card(cards, "funnel/platform/app/1"));
    desk_close(&t);
}

CHECK(cards_say_their_numbers) {
    desk t, few;
    desk_open(&t, 1, "feed-say", summer);
    desk_open(&few, 1, "feed-say-few", summer);
    const js_node *cards = cards_of(&t, 0x7f), *one = card(cards, "category/Bags");
    check_near(real_of(one, "money"), 300, 0);
    check_near(real_of(one, "confidence"), 0.99, 1e-12);
    check(slice_is(text_of(one, "sentence"),
                   "Bags sells 50 % more (90 %: 20 % more to 80 % more) than in the 4 weeks "
                   "before: its revenue rose by 300."));
    one = card(cards, "alerts/markdown");
    check_near(real_of(one, "confidence"), (300 * 1 + 100 * 0.8) / 400, 1e-12);
    check(slice_is(text_of(one, "sentence"),
                   "2 articles should be cut in price now, with 400 at stake; the dearest is Coat: "
                   "Cut."));
    one = card(cards, "rising/7");
    check(slice_is(text_of(one, "sentence"),
                   "Vera bag (7) sold 150 in 8 weeks after 50 in the 8 before: 150 % more (90 %: "
                   "100 % more to 200 % more); it is cheaper."));
    one = card(cards_of(&few, 1), "revenue");
    check(slice_is(text_of(one, "sentence"),
                   "Since 2024-09-03 revenue was 1,200, 20 % more than in as many weeks before; "
                   "what moved it most is orders a visit, which brought 220."));
    check(js_get(one, "confidence") && isnan(real_of(one, "confidence")));
    one = card(cards, "funnel/platform/app/1"); /* 0.2 more of 1,000 at 50, in four weeks */
    check_near(real_of(one, "money"), 10000, 1e-9);
    one = card(cards, "segment/k-2");
    check_near(real_of(one, "money"), -200, 1e-12);
    check(slice_is(text_of(one, "open"), "?page=segments&segment=k-2"));
    one = card(cards, "reviews/category/Hats & co");
    check(slice_is(text_of(one, "open"), "?page=reviews&trend=category:Hats%20%26%20co"));
    check(slice_is(text_of(one, "sentence"),
                   "Since 2024-09 60 % of the reviews of Hats & co like it, 20 points fewer than "
                   "before (95 %: 10 to 30)."));
    desk_close(&few);
    desk_close(&t);
}

CHECK(cards_follow_the_files_that_are_there) {
    desk t;
    desk_open(&t, 1, "feed-few", summer);
    check(js_count(cards_of(&t, 0)) == 0);
    const js_node *cards = cards_of(&t, 2); /* alerts alone: the three dearest that are sure */
    check(js_count(cards) == 3 && card(cards, "alerts/markdown") && card(cards, "alerts/broken"));
    cards = cards_of(&t, 4); /* prices without revenue: worth is not known, bags alone are sure */
    check(card(cards, "price/Bags") && !card(cards, "price/Hats & co"));
    desk_close(&t);
}
