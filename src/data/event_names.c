/* event_names: what shops and vendors call an event, and what we call it. */
#include "data/event_names.h"

#include <string.h>

/* Aliases hold small letters and digits only, separated by spaces. */
static const struct {
    const char *event, *aliases;
} names[] = {
    {"view", "view viewitem productviewed productview productdetail productdetailview "
             "productdetailviewed detailpageview detailview viewproduct viewedproduct "
             "viewcontent viewdetail viewdetails itemview itemviewed pv productpage "
             "productpageview articleview ecommproductview"},
    {"click", "click clicked selectitem productclick productclicked itemclick itemclicked "
              "clickitem clickproduct articleclick recommendationclick"},
    {"cart_add", "cartadd addtocart atc productadded cartadded addcart itemadded addtobasket "
                 "addtobag basketadd addedtocart productaddedtocart"},
    {"purchase", "purchase purchased ordercompleted transaction purchasecomplete order ordered buy "
                 "bought checkoutcompleted orderplaced placedorder completeorder sale "
                 "ecommtransaction paymentsuccess"},
    {"list_view", "listview viewitemlist productlistviewed categorypageview catalog catalogue "
                  "category categoryview viewcategory listing listingview plp department "
                  "productlistview productlist"},
    {"search", "search searched productssearched viewsearchresults searchresults filterresults "
               "filter productlistfiltered sitesearch searchquery"},
    {"cart_remove", "cartremove removefromcart productremoved cartremoved removecart "
                    "removefrombasket removefrombag itemremoved removedfromcart"},
    {"cart_view", "cartview viewcart cartviewed shoppingcartpageview basketview viewbasket "
                  "basket viewbag cartpage cart"},
    {"checkout", "checkout begincheckout checkoutstarted checkoutstep checkoutstepviewed "
                 "checkoutstepcompleted initiatecheckout startcheckout addshippinginfo "
                 "addpaymentinfo paymentinfoentered shippingdetails paymentdetails "
                 "checkoutprogress shipping payment"},
    {"refund", "refund refunded orderrefunded return returned orderreturned"},
    {"promo_view", "promoview viewpromotion promotionviewed promotionoffered promopage "
                   "promotionview internalpromotionview"},
    {"promo_click", "promoclick selectpromotion promotionclicked promotionclick"},
    {"wishlist_add", "wishlistadd addtowishlist productaddedtowishlist addtofavorites "
                     "addtofavourites fav favorite favourite wishlist wishlisted"},
    {"home", "home homepageview homepage homeview landing landingpage"},
    /* Events that a shop's log has and that no step of the funnel is made of. */
    {"other", "other pageview page screenview screen sessionstart firstvisit userengagement scroll "
              "login signup logout identify accountpage account profile reviewpage productreviewed "
              "supportchat support errorpage error compare productcompare paymenterror "
              "paymentfailed checkoutbug share productshared couponapplied couponentered "
              "formstart formsubmit videostart videoprogress videocomplete filedownload "
              "notification impression ordercancelled cancel cancelled orderupdated "
              "removefromwishlist productremovedfromwishlist cartshared"},
};

enum { n_names = sizeof names / sizeof names[0] };

/* Lower-cased letters and digits of raw; its length, or 0 when it is longer than any alias. */
static size_t squeeze(slice raw, char out[64]) {
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) continue;
        if (n == 63) return 0;
        out[n++] = c;
    }
    return n;
}

/* Steps through the words of a list; false at its end. */
static bool next_alias(const char **list, slice *alias) {
    while (**list == ' ') (*list)++;
    size_t n = strcspn(*list, " ");
    *alias = (slice){*list, n};
    *list += n;
    return n > 0;
}

const char *event_name(slice raw) {
    char key[64];
    slice wanted = {key, squeeze(raw, key)}, alias;
    if (wanted.n == 0) return NULL;
    for (int i = 0; i < n_names; i++)
        for (const char *list = names[i].aliases; next_alias(&list, &alias);)
            if (slice_compare(alias, wanted) == 0) return names[i].event;
    return NULL;
}

/* A log that says "cart" and never "add to cart" means the latter by it. */
static bool settle_cart(db *d, err *e) {
    int64_t there;
    return db_count(d, &there, e,
                    "SELECT count(*) FROM information_schema.tables WHERE table_name = "
                    "'raw_events'") &&
           (there == 0 ||
            db_run(d,
                   SLICE("UPDATE event_names SET event = 'cart_add' WHERE alias = 'cart' AND NOT "
                         "EXISTS (SELECT 1 FROM raw_events r JOIN event_names n ON n.alias = "
                         "regexp_replace(lower(r.event), '[^a-z0-9]', '', 'g') WHERE n.event = "
                         "'cart_add')"),
                   e));
}

bool event_names_put(db *d, err *e) {
    static const char *const columns_of[] = {"alias", "event"};
    static const column_type types[] = {COLUMN_TEXT, COLUMN_TEXT};
    scope s;
    slice alias;
    int64_t rows = 0;
    if (!scope_open(&s, 1 << 20, 0, e)) return false;
    for (int i = 0; i < n_names; i++)
        for (const char *list = names[i].aliases; next_alias(&list, &alias);) rows++;
    columns c = columns_new(&s.keep, 2, columns_of, types, rows);
    int64_t at = 0;
    for (int i = 0; i < n_names; i++)
        for (const char *list = names[i].aliases; next_alias(&list, &alias); at++) {
            c.at[0].text[at] = alias;
            c.at[1].text[at] = slice_of(names[i].event);
        }
    bool done = db_put(d, "event_names", &c, e) && settle_cart(d, e);
    scope_close(&s);
    return done;
}
