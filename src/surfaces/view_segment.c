/* view_segment: in which segments a customer is. */
#include "surfaces/view.h"

int view_segment_user(view *v) {
    const bundle *b = v->b;
    const bundle_segment *s = &b->segment;
    slice id = v->values[0].text;
    if (!s->has) return view_missing(v, "this bundle has no segments: the shop had no purchases");
    int64_t customer = bundle_customer(b, id);
    js_put_text(v->j, "customer_id", customer < 0 ? id : bundle_text(&b->customer_id, customer));
    js_put_bool(v->j, "known", customer >= 0);
    int32_t name = customer < 0 ? -1 : s->rfm_name[customer];
    int32_t cluster = customer < 0 ? -1 : s->cluster[customer];
    if (customer >= 0 && s->rfm[customer * 3] > 0) {
        js_object(v->j, "rfm");
        js_put_int(v->j, "recency", s->rfm[customer * 3]);
        js_put_int(v->j, "frequency", s->rfm[customer * 3 + 1]);
        js_put_int(v->j, "monetary", s->rfm[customer * 3 + 2]);
        if (name >= 0) js_put_text(v->j, "name", bundle_text(&s->rfm_names, name));
        else js_put_null(v->j, "name");
        js_end(v->j);
    } else {
        js_put_null(v->j, "rfm");
    }
    if (cluster >= 0) {
        js_object(v->j, "cluster");
        js_put_int(v->j, "index", cluster);
        js_put_text(v->j, "name", bundle_text(&s->cluster_names, cluster));
        js_end(v->j);
    } else {
        js_put_null(v->j, "cluster");
    }
    return 200;
}
