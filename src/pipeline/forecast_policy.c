/* forecast_policy: what step 07 chose, as a value and as JSON. */
#include <stdio.h>
#include <string.h>

#include "pipeline/forecast_panel.h"

static const char with_factors[] = "/yearly";

forecast_policy forecast_only(forecast_policy policy, int level, forecast_part part) {
    for (int k = 0; k < FORECAST_MIX; k++) policy.part[level][k] = part;
    return policy;
}

forecast_policy forecast_everywhere(forecast_policy policy, forecaster_kind kind, bool yearly) {
    for (int level = 0; level < FORECAST_LEVELS; level++)
        policy = forecast_only(policy, level, (forecast_part){kind, yearly});
    return policy;
}

static bool same(forecast_part a, forecast_part b) {
    return a.model == b.model && a.yearly == b.yearly;
}

const char *forecast_part_words(const forecast_part *part, arena *keep) {
    const char *all = "";
    for (int k = 0; k < FORECAST_MIX; k++) {
        int times = 0, earlier = 0;
        for (int m = 0; m < FORECAST_MIX; m++)
            times += same(part[m], part[k]), earlier += m < k && same(part[m], part[k]);
        if (earlier > 0) continue;
        const char *share = times == FORECAST_MIX
                                ? ""
                                : arena_text(keep, " %d/%d", times, FORECAST_MIX);
        all = arena_text(keep, "%s%s%s%s%s", all, *all ? ", " : "", forecaster_name(part[k].model),
                         part[k].yearly ? " with yearly factors" : "", share);
    }
    return all;
}

/* "ets" or "ets/yearly". */
static bool read_part(const js_node *n, forecast_part *to, scope *s) {
    slice said;
    size_t more = sizeof with_factors - 1;
    if (!js_text(n, &said)) return false;
    bool yearly = said.n > more && memcmp(said.p + said.n - more, with_factors, more) == 0;
    if (yearly) said.n -= more;
    forecaster_kind kind;
    if (!forecaster_find(slice_copy(&s->keep, said), &kind)) return false;
    *to = (forecast_part){kind, yearly};
    return true;
}

forecast_policy forecast_policy_tuned(const work *w, scope *s) {
    forecast_policy policy = FORECAST_POLICY;
    const js_node *best = work_tuned(w, s, "forecast");
    slice method;
    int64_t window, cold;
    bool trend;
    policy.method = FORECAST_STRUCT;
    if (js_int(js_get(best, "window"), &window)) policy.window = (int)window;
    if (js_bool(js_get(best, "trend"), &trend)) policy.trend = trend;
    policy.upper_trend = policy.trend;
    js_bool(js_get(best, "upper_trend"), &policy.upper_trend);
    if (js_int(js_get(best, "cold_weeks"), &cold)) policy.cold = (int)cold;
    for (int level = 0; level < FORECAST_LEVELS; level++) {
        const js_node *parts = js_at(js_get(best, "models"), level);
        for (int k = 0; k < FORECAST_MIX; k++)
            read_part(js_at(parts, k), &policy.part[level][k], s);
        js_real(js_at(js_get(best, "global"), level), &policy.global[level]);
    }
    for (int k = 0; k < FORECASTER_KNOBS; k++)
        js_real(js_get(js_get(best, "knobs"), forecaster_knobs[k].name), &policy.knob[k]);
    for (int m = 1; js_text(js_get(best, "method"), &method) && m < FORECAST_METHODS; m++)
        if (slice_is(method, forecast_method_name((forecast_method)m)))
            policy.method = (forecast_method)m;
    return policy;
}

slice forecast_policy_json(forecast_policy policy, arena *keep) {
    const char *models = "";
    for (int level = 0; level < FORECAST_LEVELS; level++)
        for (int k = 0; k < FORECAST_MIX; k++) {
            const forecast_part *part = &policy.part[level][k];
            models = arena_text(keep, "%s%s\"%s%s\"%s", models,
                                k > 0 ? "," : level > 0 ? ",[" : "[", forecaster_name(part->model),
                                part->yearly ? with_factors : "",
                                k == FORECAST_MIX - 1 ? "]" : "");
        }
    const char *knobs = "";
    for (int k = 0; k < FORECASTER_KNOBS; k++)
        if (policy.knob[k] > 0)
            knobs = arena_text(keep, "%s%s\"%s\":%.9g", knobs, *knobs ? "," : "",
                               forecaster_knobs[k].name, policy.knob[k]);
    return slice_of(arena_text(keep,
                               "{\"models\":[%s],\"window\":%d,\"trend\":%s,"
                               "\"upper_trend\":%s,\"method\":\"%s\","
                               "\"global\":[%g,%g,%g],\"cold_weeks\":%d,\"knobs\":{%s}}",
                               models, policy.window, policy.trend ? "true" : "false",
                               policy.upper_trend ? "true" : "false",
                               forecast_method_name(policy.method), policy.global[0],
                               policy.global[1], policy.global[2], policy.cold, knobs));
}
