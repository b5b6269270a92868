-- customer_features: dataset C as numbers: what segments are formed of (customer_bases) at the ends of
-- the windows, and what describes them: counts as ln(1 + x), shares as they are, unknown as 0.
SELECT b.as_of, b.customer, b.f_recency, b.f_frequency, b.f_monetary, b.f_units, b.f_tenure, b.f_gap,
       b.f_irregular, b.f_overdue, b.f_season, b.f_span, b.f_price, b.f_discount, b.f_return,
       b.f_basket, b.f_assortment,
       coalesce(c.online_share, 0) AS f_online,
       coalesce(c.weekend_share, 0) AS f_weekend,
       least(coalesce(c.view_to_cart, 0), 1) AS f_view_to_cart,
       least(coalesce(c.cart_to_buy, 0), 1) AS f_cart_to_buy,
       coalesce(c.category_entropy, 0) AS f_entropy,
       ln(1.0 + coalesce(c.n_categories, 0)) AS f_categories
FROM customer_bases b
JOIN c_customers c ON c.customer = b.customer AND c.as_of = b.as_of
ORDER BY b.as_of NULLS FIRST, b.customer NULLS FIRST
