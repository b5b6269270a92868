-- event_names: the canonical name of each event name that shops and their trackers are known to
-- write; alias is lower-case without separators (name_key).
SELECT alias, event
FROM (VALUES
    ('view', 'view'), ('viewitem', 'view'), ('productviewed', 'view'), ('productview', 'view'),
    ('detailpageview', 'view'), ('productdetail', 'view'), ('itemview', 'view'),
    ('click', 'click'), ('productclick', 'click'), ('productclicked', 'click'),
    ('selectitem', 'click'), ('selectcontent', 'click'),
    ('cartadd', 'cart_add'), ('addtocart', 'cart_add'), ('productadded', 'cart_add'),
    ('addcart', 'cart_add'),
    ('purchase', 'purchase'), ('ordercompleted', 'purchase'), ('transaction', 'purchase'),
    ('purchasecomplete', 'purchase'), ('order', 'purchase'), ('buy', 'purchase'),
    ('listview', 'list_view'), ('viewitemlist', 'list_view'), ('productlistviewed', 'list_view'),
    ('categorypageview', 'list_view'), ('catalog', 'list_view'), ('category', 'list_view'),
    ('search', 'search'), ('productssearched', 'search'), ('filterresults', 'search'),
    ('viewsearchresults', 'search'), ('searchresults', 'search'),
    ('cartremove', 'cart_remove'), ('removefromcart', 'cart_remove'),
    ('productremoved', 'cart_remove'),
    ('cart', 'cart_view'), ('cartview', 'cart_view'), ('viewcart', 'cart_view'),
    ('cartviewed', 'cart_view'), ('shoppingcartpageview', 'cart_view'),
    ('checkout', 'checkout'), ('begincheckout', 'checkout'), ('checkoutstarted', 'checkout'),
    ('checkoutstep', 'checkout'), ('shippingdetails', 'checkout'), ('paymentdetails', 'checkout'),
    ('refund', 'refund'), ('orderrefunded', 'refund'), ('return', 'refund'),
    ('promoview', 'promo_view'), ('viewpromotion', 'promo_view'), ('promotionviewed', 'promo_view'),
    ('promopage', 'promo_view'),
    ('promoclick', 'promo_click'), ('selectpromotion', 'promo_click'),
    ('promotionclicked', 'promo_click'),
    ('wishlistadd', 'wishlist_add'), ('addtowishlist', 'wishlist_add'),
    ('productaddedtowishlist', 'wishlist_add'), ('favorite', 'wishlist_add'),
    ('home', 'home'), ('homepageview', 'home'), ('homepage', 'home'),
    ('other', 'other')) AS names(alias, event)
ORDER BY alias NULLS FIRST
