/* contract: what the columns of a source must look like, and how a file's header is matched. */
#include "data/contract.h"

#include <assert.h>
#include <string.h>

/* One letter per type keeps a source's table one screen tall. */
#define TEXT(name, aliases)        {name, CONTRACT_TEXT, false, aliases, 0, 0}
#define TEXT_MUST(name, aliases)   {name, CONTRACT_TEXT, true, aliases, 0, 0}
#define WHOLE(name, aliases, l, h) {name, CONTRACT_INT, false, aliases, l, h}
#define REAL(name, aliases, l, h)  {name, CONTRACT_REAL, false, aliases, l, h}
#define DAY(name, aliases)         {name, CONTRACT_DAY, false, aliases, 0, 0}
#define TIME(name, aliases)        {name, CONTRACT_TIME, false, aliases, 0, 0}
#define TIME_MUST(name, aliases)   {name, CONTRACT_TIME, true, aliases, 0, 0}

static const double money_limit = 1e12; /* prices above are a broken file, not a currency */

/* Publishers: H&M, theLook (products), Google Merchant feeds. */
static const contract_column articles[] = {
    TEXT_MUST("article_id", "article|product_id|item_id|itemid|stock_code|sku|asin|id"),
    TEXT("product_code", "parent_sku|item_group_id|style|style_code|parent_id"),
    TEXT("name", "prod_name|product_name|article_name|item_name|title"),
    TEXT("category", "product_group_name|product_group|category_name|category_code|item_category|"
                     "product_category|google_product_category|category_id"),
    TEXT("type", "product_type_name|product_type|item_type|sub_category|subcategory"),
    TEXT("department", "department_name"),
    TEXT("section", "section_name"),
    TEXT("garment_group", "garment_group_name"),
    TEXT("index_group", "index_group_name|gender"),
    TEXT("colour", "colour_group_name|color|base_colour|colour_name|color_name"),
    TEXT("pattern", "graphical_appearance_name|pattern_name"),
    TEXT("material", "fabric|composition"),
    TEXT("description", "detail_desc|product_description|long_description|body|desc"),
    REAL("price", "list_price|retail_price|rrp|unit_price", 0, money_limit),
    DAY("launch_date", "launched_at|launched|available_from|created_at|first_seen"),
};

static const contract_column customers[] = {
    TEXT_MUST("customer_id", "customer|user_id|client_id|member_id|visitorid|uid|id"),
    WHOLE("age", "customer_age", 0, 150),
    TEXT("club_status", "club_member_status|loyalty_status|membership|member_status|tier"),
    TEXT("news_frequency", "fashion_news_frequency|newsletter_frequency|newsletter"),
    WHOLE("active", "is_active", 0, 1),
    WHOLE("fn", "fashion_news", 0, 1),
    TEXT("postal_code", "postcode|zip|zip_code"),
    DAY("signup_date", "created_at|registered_at|registration_date|join_date|signed_up|signup"),
    TEXT("channel", "acquisition_channel|traffic_source|signup_channel|source"),
};

/* Publishers: H&M, UCI Online Retail, theLook (order_items). */
static const contract_column transactions[] = {
    TIME_MUST("time", "t_dat|invoice_date|order_date|ordered_at|order_time|purchase_date|"
                      "purchased_at|transaction_date|transaction_time|sold_at|sale_date|created_at|"
                      "timestamp|datetime|date|day"),
    /* empty: a sale to a guest */
    {"customer_id", CONTRACT_TEXT, true,
     "customer|user_id|visitorid|client_id|member_id|buyer_id|uid", 0, 0, true},
    TEXT_MUST("article_id", "article|product_id|item_id|itemid|stock_code|sku|asin"),
    {"price", CONTRACT_REAL, true, "unit_price|sale_price|item_price|selling_price|price_per_unit",
     0, 1e12},
    WHOLE("quantity", "qty|units|item_quantity|count", -1e9, 1e9),
    TEXT("channel", "sales_channel_id|sales_channel|store"),
    TEXT("order_id", "invoice_no|invoice|order|order_no|order_number|transaction_id|basket_id"),
};

/* Publisher: Women's Clothing E-Commerce Reviews. */
static const contract_column reviews[] = {
    TEXT("review_id", "id|review|(unnamed)|unnamed: 0|index"),
    TEXT("article_id", "clothing_id|article|product_id|item_id|itemid|stock_code|sku|asin"),
    TEXT("customer_id", "customer|user_id|reviewer_id|uid"),
    TIME("time", "review_date|review_time|reviewed_at|unix_review_time|created_at|submitted_at|"
                 "timestamp|date|day"),
    WHOLE("age", "reviewer_age|customer_age", 0, 150),
    TEXT("title", "summary|headline|review_title|subject"),
    TEXT("text", "review_text|review_body|body|content|comment|comments|message"),
    {"rating", CONTRACT_INT, true, "stars|star_rating|score|overall", 1, 5},
    WHOLE("recommended", "recommended_ind|recommend|is_recommended|would_recommend", 0, 1),
    WHOLE("votes", "positive_feedback_count|helpful_votes|helpful|upvotes|vote", 0, 1e9),
    TEXT("division", "division_name"),
    TEXT("department", "department_name"),
    TEXT("category", "class_name|product_category|class"),
};

/* Publishers: RetailRocket, REES46, GA4, Segment, RudderStack, PostHog, Snowplow, theLook. */
static const contract_column events[] = {
    TIME_MUST("time", "timestamp|event_time|event_timestamp|original_timestamp|sent_at|received_at|"
                      "derived_tstamp|collector_tstamp|occurred_at|created_at|datetime|ts|"
                      "event_date|date"),
    TEXT_MUST("user_id", "visitorid|user_pseudo_id|anonymous_id|distinct_id|domain_userid|"
                         "client_id|customer_id|customer|uid|user"),
    TEXT("session_id", "user_session|ga_session_id|domain_sessionid|session|visit_id"),
    TEXT_MUST("event", "event_type|event_name|action|activity|behavior|behaviour|type"),
    TEXT("article_id", "itemid|product_id|item_id|article|stock_code|sku|asin"),
    REAL("price", "item_price|unit_price|value|amount", 0, 1e12),
    WHOLE("quantity", "qty|item_quantity|units", -1e9, 1e9),
    TEXT("order_id", "transactionid|ecommerce_transaction_id|order|invoice_no"),
    TEXT("channel", "acquisition_channel|traffic_source|traffic_source_medium|utm_source|source|"
                    "medium|referrer"),
    TEXT("platform", "device_category|device|device_type|os_family"),
    TEXT("category", "category_code|item_category|product_category|category_name|category_id"),
};

static const contract_column stock[] = {
    TIME_MUST("time", "date|day|snapshot_date|snapshot_time|as_of|timestamp"),
    TEXT_MUST("article_id", "article|product_id|item_id|itemid|stock_code|sku|asin"),
    {"on_hand", CONTRACT_INT, true, "stock|stock_on_hand|inventory|quantity_on_hand|available|qty",
     0, 0},
    WHOLE("on_order", "ordered|in_transit|quantity_on_order", 0, 0),
    WHOLE("lead_time_days", "lead_time|lead_days", 0, 3650),
    DAY("receipt_date", "expected_date|arrival_date|next_receipt|due_date|eta"),
};

#define COLUMNS(list) sizeof list / sizeof list[0], list
const contract contract_sources[6] = {
    {"articles", COLUMNS(articles)}, {"customers", COLUMNS(customers)},
    {"transactions", COLUMNS(transactions)}, {"reviews", COLUMNS(reviews)},
    {"events", COLUMNS(events)}, {"stock", COLUMNS(stock)},
};

const contract *contract_find(const char *source) {
    for (int i = 0; i < 6; i++)
        if (strcmp(contract_sources[i].source, source) == 0) return &contract_sources[i];
    return NULL;
}

const char *contract_how_word(contract_how how) {
    static const char *const words[] = {"unused", "alias", "case", "exact", "config"};
    return words[how];
}

const char *contract_type_word(contract_type type) {
    static const char *const words[] = {"text", "whole number", "number", "date",
                                        "date or date and time"};
    return words[type];
}

/* ---- names ---- */

static bool is_separator(char c) {
    return c == ' ' || c == '-' || c == '_' || c == '.' || c == '/' || c == '\t';
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

bool contract_same_name(slice a, slice b) {
    size_t i = 0, j = 0;
    for (;;) {
        while (i < a.n && is_separator(a.p[i])) i++;
        while (j < b.n && is_separator(b.p[j])) j++;
        if (i == a.n || j == b.n) return i == a.n && j == b.n;
        if (lower(a.p[i++]) != lower(b.p[j++])) return false;
    }
}

/* Cuts the next word off the front of a list; false at its end. */
static bool next_word(slice *list, char separator, slice *word) {
    if (!list->p) return false;
    const char *end = memchr(list->p, separator, list->n);
    *word = (slice){list->p, end ? (size_t)(end - list->p) : list->n};
    *list = end ? (slice){end + 1, list->n - word->n - 1} : (slice){NULL, 0};
    return true;
}

/* Place of a header in the column's list of aliases, from 1; 0 when it is not there. */
static int alias_rank(const contract_column *column, slice header) {
    slice list = column->aliases ? slice_of(column->aliases) : (slice){NULL, 0}, alias;
    for (int rank = 1; next_word(&list, '|', &alias); rank++)
        if (header.n == 0 ? slice_is(alias, "(unnamed)") : contract_same_name(header, alias))
            return rank;
    return 0;
}

/* Larger is closer; 0 = no match. */
static int closeness(const contract_column *column, slice header) {
    if (slice_is(header, column->name)) return 1002;
    if (header.n > 0 && contract_same_name(header, slice_of(column->name))) return 1001;
    int rank = alias_rank(column, header);
    return rank ? 1001 - rank : 0;
}

static void list_headers(const slice *headers, int n, char *out, size_t room) {
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < n && at + 2 < room; i++) {
        const char *gap = i ? ", " : "";
        slice h = headers[i].n ? headers[i] : SLICE("(unnamed)");
        for (size_t k = 0; gap[k] && at + 1 < room; k++) out[at++] = gap[k];
        for (size_t k = 0; k < h.n && k < 48 && at + 1 < room; k++)
            out[at++] = (unsigned char)h.p[k] < 32 ? '?' : h.p[k];
    }
    if (at + 4 >= room) { /* cut in the middle of a character at worst: shorten to a whole one */
        at = slice_utf8_prefix((slice){out, room - 5});
        memcpy(out + at, "…", 3);
        at += 3;
    }
    out[at] = 0;
}

/* ---- matching ---- */

static int column_named(const contract *c, slice name) {
    for (int i = 0; i < c->n; i++)
        if (contract_same_name(name, slice_of(c->columns[i].name))) return i;
    return -1;
}

static int header_named(const slice *headers, int n, slice name) {
    for (int i = 0; i < n; i++)
        if (slice_compare(headers[i], name) == 0) return i;
    for (int i = 0; i < n; i++)
        if (contract_same_name(headers[i], name)) return i;
    return -1;
}

static bool unknown_column(const contract *c, slice name, err *e) {
    const char *names[contract_columns_max];
    for (int i = 0; i < c->n; i++) names[i] = c->columns[i].name;
    const char *near = slice_nearest(name, names, c->n);
    return refuse(e, "the map names column '%.*s', which %s does not have%s%s%s", (int)name.n,
                  name.p, c->source, near ? "; did you mean " : "", near ? near : "",
                  near ? "?" : "");
}

/* Enters the caller's own map; columns it leaves out get HOW_CONFIG without a header. */
static bool map_outright(const contract *c, const slice *headers, int n, const char *map,
                         contract_match *out, err *e) {
    slice list = map && *map ? slice_of(map) : (slice){NULL, 0}, pair;
    while (next_word(&list, ',', &pair)) {
        const char *equals = memchr(pair.p, '=', pair.n);
        if (!equals)
            return refuse(e, "the map needs COLUMN=HEADER, got '%.*s'", (int)pair.n, pair.p);
        slice name = slice_trim((slice){pair.p, (size_t)(equals - pair.p)});
        slice header = slice_trim((slice){equals + 1, pair.n - (size_t)(equals - pair.p) - 1});
        int column = column_named(c, name);
        if (column < 0) return unknown_column(c, name, e);
        out->how[column] = HOW_CONFIG;
        if (header.n == 0) continue;
        out->header_of[column] = header_named(headers, n, header);
        if (out->header_of[column] < 0) {
            char found[400];
            list_headers(headers, n, found, sizeof found);
            return refuse(e, "the map says column %s is '%.*s', but the header has only: %s",
                          c->columns[column].name, (int)header.n, header.p, found);
        }
    }
    return true;
}

static bool is_taken(const contract *c, const contract_match *m, int header) {
    for (int i = 0; i < c->n; i++)
        if (m->header_of[i] == header) return true;
    return false;
}

/* Finds the closest header of one column; *twin is another one just as close, or -1. */
static int closest(const contract_column *column, const slice *headers, int n, int *best,
                   int *twin) {
    int header = -1;
    *best = 0;
    *twin = -1;
    for (int i = 0; i < n; i++) {
        int close = closeness(column, headers[i]);
        if (close == 0 || close < *best) continue;
        *twin = close == *best ? i : -1;
        if (close > *best) header = i;
        *best = close;
    }
    return header;
}

static bool refuse_missing(const contract *c, int column, const slice *headers, int n, err *e) {
    char found[420], aliases[200] = "";
    const contract_column *k = &c->columns[column];
    list_headers(headers, n, found, sizeof found);
    slice list = k->aliases ? slice_of(k->aliases) : (slice){NULL, 0}, alias;
    for (size_t at = 0; next_word(&list, '|', &alias) && at + alias.n + 4 < sizeof aliases;) {
        at = strlen(aliases);
        if (at + alias.n + 4 >= sizeof aliases) break;
        memcpy(aliases + at, ", ", 2);
        memcpy(aliases + at + 2, alias.p, alias.n);
    }
    refuse(e,
           "no column for %s of %s (looked for %s%s); the header has: %s. Rename the header, or "
           "say which one it is with --map %s=HEADER or in atelier.yaml",
           k->name, c->source, k->name, aliases, found, k->name);
    return fail_cause(e, "bad_data");
}

/* Reviews without a column of ratings are reviews still where they have texts to read. */
static bool is_spared(const contract *c, const contract_match *m, int column) {
    if (strcmp(c->source, "reviews") != 0 || strcmp(c->columns[column].name, "rating") != 0)
        return false;
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->columns[i].name, "text") == 0) return m->header_of[i] >= 0;
    return false;
}

bool contract_map(const contract *c, const slice *headers, int n, const char *map,
                  contract_match *out, err *e) {
    assert(c->n <= contract_columns_max);
    for (int i = 0; i < contract_columns_max; i++) out->header_of[i] = -1, out->how[i] = HOW_UNUSED;
    if (!map_outright(c, headers, n, map, out, e)) return false;
    /* Closer kinds first, so that a header goes to the column that it names exactly. */
    for (int floor = 1002; floor > 0; floor = floor > 1001 ? 1001 : floor > 1 ? 1 : 0)
        for (int i = 0; i < c->n; i++) {
            int best, twin, header = closest(&c->columns[i], headers, n, &best, &twin);
            if (out->how[i] != HOW_UNUSED || best < floor || is_taken(c, out, header)) continue;
            if (twin >= 0)
                return refuse(e,
                              "headers %d and %d ('%.*s' and '%.*s') both mean %s: remove one, or "
                              "say which with --map %s=HEADER",
                              header + 1, twin + 1, (int)headers[header].n, headers[header].p,
                              (int)headers[twin].n, headers[twin].p, c->columns[i].name,
                              c->columns[i].name);
            out->header_of[i] = header;
            out->how[i] = best == 1002 ? HOW_EXACT : best == 1001 ? HOW_CASE : HOW_ALIAS;
        }
    for (int i = 0; i < c->n; i++)
        if (c->columns[i].required && out->header_of[i] < 0 && !is_spared(c, out, i))
            return refuse_missing(c, i, headers, n, e);
    return true;
}

int contract_fit(const contract *c, const slice *headers, int n, const char *map) {
    contract_match match;
    err e = {0};
    if (!contract_map(c, headers, n, map, &match, &e)) return -1;
    int filled = 0;
    for (int i = 0; i < c->n; i++) filled += match.header_of[i] >= 0;
    return filled;
}
