/* contract, event_names: which header is which column, and what an event is called. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "data/contract.h"
#include "data/event_names.h"

static int split(const char *line, slice *out) {
    int n = 0;
    for (;;) {
        size_t length = strcspn(line, ",");
        out[n++] = (slice){line, length};
        if (!line[length]) return n;
        line += length + 1;
    }
}

/* "time=t_dat/alias ..." of the columns that found a header. */
static const char *mapped(const char *source, const char *header, const char *map, char out[2000]) {
    slice headers[64];
    contract_match m;
    err e = {0};
    int n = split(header, headers);
    const contract *c = contract_find(source);
    if (!contract_map(c, headers, n, map, &m, &e)) {
        snprintf(out, 2000, "%s", e.text);
        return out;
    }
    size_t at = 0;
    out[0] = 0;
    for (int i = 0; i < c->n; i++)
        if (m.header_of[i] >= 0)
            at += (size_t)snprintf(out + at, 2000 - at, "%s%s=%.*s/%s", at ? " " : "",
                                   c->columns[i].name, (int)headers[m.header_of[i]].n,
                                   headers[m.header_of[i]].p, contract_how_word(m.how[i]));
    return out;
}

CHECK(contracts_know_the_publishers) {
    static const struct {
        const char *source, *header, *mapping;
    } known[] = {
        {"transactions", "t_dat,customer_id,article_id,price,sales_channel_id",
         "time=t_dat/alias customer_id=customer_id/exact article_id=article_id/exact "
         "price=price/exact channel=sales_channel_id/alias"},
        {"transactions",
         "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
         "time=InvoiceDate/alias customer_id=CustomerID/case article_id=StockCode/alias "
         "price=UnitPrice/alias quantity=Quantity/case order_id=InvoiceNo/alias"},
        {"transactions",
         "id,order_id,user_id,product_id,inventory_item_id,status,created_at,sale_price",
         "time=created_at/alias customer_id=user_id/alias article_id=product_id/alias "
         "price=sale_price/alias order_id=order_id/exact"},
        {"customers",
         "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code",
         "customer_id=customer_id/exact age=age/exact club_status=club_member_status/alias "
         "news_frequency=fashion_news_frequency/alias active=Active/case fn=FN/case "
         "postal_code=postal_code/exact"},
        {"reviews",
         ",Clothing ID,Age,Title,Review Text,Rating,Recommended IND,Positive Feedback Count,"
         "Division Name,Department Name,Class Name",
         "review_id=/alias article_id=Clothing ID/alias age=Age/case title=Title/case "
         "text=Review Text/alias rating=Rating/case recommended=Recommended IND/alias "
         "votes=Positive Feedback Count/alias division=Division Name/alias "
         "department=Department Name/alias category=Class Name/alias"},
        {"reviews", "product_id,review_date,review_text", /* texts, though no ratings */
         "article_id=product_id/alias time=review_date/alias text=review_text/alias"},
        {"events", "timestamp,visitorid,event,itemid,transactionid",
         "time=timestamp/alias user_id=visitorid/alias event=event/exact "
         "article_id=itemid/alias order_id=transactionid/alias"},
        {"events",
         "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,"
         "user_session",
         "time=event_time/alias user_id=user_id/exact session_id=user_session/alias "
         "event=event_type/alias article_id=product_id/alias price=price/exact "
         "category=category_code/alias"},
        {"events", "event_date,event_timestamp,event_name,user_pseudo_id,item_id",
         "time=event_timestamp/alias user_id=user_pseudo_id/alias event=event_name/alias "
         "article_id=item_id/alias"},
        {"articles",
         "article_id,product_code,prod_name,product_type_name,product_group_name,"
         "graphical_appearance_name,colour_group_name,department_name,index_name,"
         "index_group_name,section_name,garment_group_name,detail_desc",
         "article_id=article_id/exact product_code=product_code/exact name=prod_name/alias "
         "category=product_group_name/alias type=product_type_name/alias "
         "department=department_name/alias section=section_name/alias "
         "garment_group=garment_group_name/alias index_group=index_group_name/alias "
         "colour=colour_group_name/alias pattern=graphical_appearance_name/alias "
         "description=detail_desc/alias"},
        {"stock", "Date,SKU,On-Hand,on order,lead_time",
         "time=Date/alias article_id=SKU/alias on_hand=On-Hand/case on_order=on order/case "
         "lead_time_days=lead_time/alias"},
    };
    char out[2000];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        check_text(slice_of(mapped(known[i].source, known[i].header, NULL, out)),
                   known[i].mapping);
}

CHECK(contracts_refuse_what_is_ambiguous_or_missing) {
    char out[2000];
    slice headers[64];
    check_has(slice_of(mapped("transactions", "date,customer_id,price", NULL, out)),
              "no column for article_id");
    check_has(slice_of(out), "date, customer_id, price");
    check_has(slice_of(mapped("transactions", "time,customer_id,article_id,price,Price,PRICE ",
                              NULL, out)),
              "price=price/exact");
    check_has(slice_of(mapped("stock", "time,sku,on_hand,on_hand", NULL, out)),
              "both mean on_hand");
    check_has(slice_of(mapped("stock", "time,sku,On_Hand,on hand", NULL, out)),
              "both mean on_hand");
    /* The caller's own word beats a better name, and may leave a column out. */
    check_text(slice_of(mapped("stock", "time,sku,on_hand,counted", "on_hand=counted", out)),
               "time=time/exact article_id=sku/alias on_hand=counted/config");
    check_text(slice_of(mapped("events", "time,user_id,event,value", "price=", out)),
               "time=time/exact user_id=user_id/exact event=event/exact");
    check_has(slice_of(mapped("stock", "time,sku,on_hand", "onhand=x,", out)), "has only");
    check_has(slice_of(mapped("stock", "time,sku,on_hand", "on_hnd=sku", out)),
              "did you mean on_hand?");
    check_has(slice_of(mapped("stock", "time,sku,on_hand", "on_hand", out)), "COLUMN=HEADER");
    const contract *stock = contract_find("stock");
    check(contract_fit(stock, headers, split("time,sku,stock,colour", headers), NULL) == 3);
    check(contract_fit(stock, headers, split("time,sku", headers), NULL) == -1);
    check(contract_fit(stock, headers, split("time,sku,left", headers), "on_hand=left") == 3);
    check(!contract_find("nonsense") && contract_find("stock") == &contract_sources[5]);
}

CHECK(events_of_seven_vendors_have_one_name) {
    static const char *const pairs[][2] = {
        {"view_item", "view"},         {"Product Viewed", "view"},
        {"detail-page-view", "view"},  {"product_view", "view"},
        {"addtocart", "cart_add"},     {"Product Added", "cart_add"},
        {"cart", "cart_view"},         {"Order Completed", "purchase"},
        {"transaction", "purchase"},   {"purchase-complete", "purchase"},
        {"select_item", "click"},      {"catalog", "list_view"},
        {"filter_results", "search"},  {"shipping_details", "checkout"},
        {"view_promotion", "promo_view"}, {"remove_from_cart", "cart_remove"},
        {"home-page-view", "home"},    {"support_chat", "other"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *got = event_name(slice_of(pairs[i][0]));
        check_text(slice_of(got ? got : "(unknown)"), pairs[i][1]);
    }
    check(!event_name(SLICE("viewz")) && !event_name(SLICE("")) && !event_name(SLICE("- _")));
}

CHECK(event_names_are_one_alias_each) {
    scope s;
    err e = {0};
    db *d = NULL;
    int64_t n = 0, distinct = 0;
    check_ok(scope_open(&s, 1 << 20, 0, &e), &e);
    check_ok(db_open(&d, (db_params){1, 512, check_spill()}, &e), &e);
    scope_defer(&s, db_close, d);
    check_ok(event_names_put(d, &e), &e);
    check_ok(db_count(d, &n, &e, "SELECT count(*) FROM event_names"), &e);
    check_ok(db_count(d, &distinct, &e, "SELECT count(DISTINCT alias) FROM event_names WHERE "
                      "alias = regexp_replace(lower(alias), '[^a-z0-9]', '', 'g')"), &e);
    check(n > 150 && n == distinct);
    check_ok(db_count(d, &n, &e, "SELECT count(DISTINCT event) FROM event_names"), &e);
    check(n == 15);
    /* REES46 says "cart" for adding to the cart; a log with both words does not. */
    static const char *const logs[][2] = {{"('view'), ('cart')", "cart_add"},
                                          {"('add-to-cart'), ('cart')", "cart_view"}};
    for (int i = 0; i < 2; i++) {
        columns c;
        check_ok(db_runf(d, &e, "CREATE OR REPLACE TABLE raw_events AS SELECT * FROM (VALUES %s) "
                         "AS t(event)", logs[i][0]), &e);
        check_ok(event_names_put(d, &e), &e);
        check_ok(db_query(d, &s.keep, &c, &e, "SELECT event FROM event_names WHERE alias = 'cart'"),
                 &e);
        check_text(columns_text(&c, "event")[0], logs[i][1]);
    }
    scope_close(&s);
}
