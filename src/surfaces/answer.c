/* answer: a route's parameters are read and its view is shown, whoever asks. */
#include "surfaces/answer.h"

/* Parameters that must be a category of this bundle: fills in its number. */
static int check_categories(const route *r, const bundle *b, arena *keep, param_value *values,
                            js *mistakes) {
    int wrong = 0;
    for (int i = 0; r->params && r->params[i].name; i++) {
        if (r->params[i].kind != PARAM_CATEGORY) continue;
        values[i].number = values[i].given ? bundle_category(b, values[i].text) : -1;
        if (!values[i].given || values[i].number >= 0) continue;
        view_no_category(b, &r->params[i], values[i].text, keep, mistakes);
        wrong++;
    }
    return wrong;
}

int answer_route(view *v, const param_sources *from, js *mistakes, int wrong) {
    param_value values[PARAMS_MOST] = {0};
    int status = 422;
    v->values = values;
    v->type = routes_type(v->route);
    if (wrong == 0)
        wrong = params_read(v->route->params, from, v->keep, values, mistakes) +
                check_categories(v->route, v->b, v->keep, values, mistakes);
    js_end(mistakes);
    if (wrong > 0) js_put_raw(v->j, "detail", text_slice(&mistakes->out));
    else status = v->route->show(v);
    if (status != 200) v->type = "application/json";
    if (!v->whole)
        while (v->j->depth > 0) js_end(v->j);
    v->values = NULL;
    return status;
}
