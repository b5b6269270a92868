/* view_reviews: the reviews of one article, and quotes of all of them by aspect or topic. */
#include "surfaces/view.h"

enum { QUOTE_ASPECT, QUOTE_TOPIC, QUOTE_POLARITY, QUOTE_LIMIT };

int view_review_article(view *v) {
    const bundle *b = v->b;
    slice id = v->values[0].text;
    int64_t article = bundle_article(b, id);
    if (article < 0) return view_missing(v, "no article '%.*s' in this shop", (int)id.n, id.p);
    if (b->article_reviews.n == 0) return view_missing(v, "this bundle has no reviews by article");
    slice members = bundle_text(&b->article_reviews, article);
    js_object(v->j, "article");
    view_article(v->j, b, article);
    js_end(v->j);
    if (members.n == 0) {
        js_put_int(v->j, "reviews", 0);
        return 200;
    }
    text_add_char(&v->j->out, ',');
    text_add(&v->j->out, members);
    return 200;
}

typedef struct wanted {
    slice aspect;
    int64_t topic;    /* -1 = any */
    slice polarity;   /* n = 0: any */
    int64_t left;
} wanted;

/* Quotes of the groups of a file whose `key` is the wanted one; each gets the group's name. */
static void put_quotes(js *out, const js_node *groups, const char *key, wanted *want) {
    for (int64_t i = 0; i < js_count(groups); i++) {
        const js_node *group = js_at(groups, i), *quotes = js_get(group, "quotes");
        slice aspect = {0};
        int64_t topic = -1;
        js_text(js_get(group, "aspect"), &aspect);
        js_int(js_get(group, "id"), &topic);
        if (want->aspect.n > 0 && slice_compare(aspect, want->aspect) != 0) continue;
        if (want->topic >= 0 && topic != want->topic) continue;
        for (int64_t q = 0; q < js_count(quotes) && want->left > 0; q++) {
            const js_node *one = js_at(quotes, q);
            slice polarity = {0};
            js_text(js_get(one, "polarity"), &polarity);
            if (want->polarity.n > 0 && slice_compare(polarity, want->polarity) != 0) continue;
            js_object(out, NULL);
            js_put_node(out, key, js_get(group, topic >= 0 ? "id" : "aspect"));
            for (int m = 0; js_key(one, m); m++)
                js_put_node(out, js_key(one, m), js_get(one, js_key(one, m)));
            js_end(out);
            want->left--;
        }
    }
}

int view_review_quotes(view *v) {
    const js_node *topics = v->b->pages[BUNDLE_TOPICS].root;
    const js_node *aspects = v->b->pages[BUNDLE_ASPECTS].root;
    const param_value *given = v->values;
    wanted want = {given[QUOTE_ASPECT].text, -1, given[QUOTE_POLARITY].text,
                   given[QUOTE_LIMIT].number};
    if (given[QUOTE_TOPIC].given) want.topic = given[QUOTE_TOPIC].number;
    if (!topics && !aspects) return view_missing(v, "this bundle has no quotes of reviews");
    js_array(v->j, "quotes");
    if (want.topic < 0) put_quotes(v->j, js_get(aspects, "aspects"), "aspect", &want);
    if (want.aspect.n == 0 && want.polarity.n == 0)
        put_quotes(v->j, js_get(topics, "topics"), "topic", &want);
    js_end(v->j);
    return 200;
}
