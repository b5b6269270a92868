/* event_names: what shops and vendors call an event, and what we call it.
 *
 * A name is compared lower-cased and without separators ("Product Viewed", "product_viewed" and
 * "product-viewed" are one). Names that are not in the table are unknown: they go to quarantine.
 * Vendors covered: GA4, Segment (also RudderStack and PostHog), Snowplow, Google Retail,
 * Personalize, RetailRocket, REES46. */
#ifndef DATA_EVENT_NAMES_H
#define DATA_EVENT_NAMES_H

#include "data/db.h"

/* The canonical name, or NULL: view, click, cart_add, purchase, list_view, search, cart_remove,
 * cart_view, checkout, refund, promo_view, promo_click, wishlist_add, home, other. */
const char *event_name(slice raw);

/* Creates or replaces the engine table event_names(alias VARCHAR, event VARCHAR): aliases
 * lower-cased, letters and digits only: regexp_replace(lower(x), '[^a-z0-9]', '', 'g').
 * "cart" is a look at the cart, but where a table raw_events has it and no other name for adding to
 * the cart (REES46), it is that. */
bool event_names_put(db *d, err *e);

#endif
