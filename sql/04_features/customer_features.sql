-- customer_features: dataset C as numbers for clustering: counts and money as log(1 + x), shares as they
-- are, what is not known as 0 (a share) or as the whole tenure (the gap of a single order).
SELECT as_of, customer,
       ln(1.0 + recency_days) AS f_recency,
       ln(1.0 + frequency) AS f_frequency,
       ln(1.0 + greatest(CAST(monetary AS DOUBLE), 0)) AS f_monetary,
       ln(1.0 + greatest(units, 0)) AS f_units,
       ln(1.0 + tenure_days) AS f_tenure,
       ln(1.0 + coalesce(avg_gap_days, tenure_days)) AS f_gap,
       ln(1.0 + coalesce(avg_price, 0)) AS f_price,
       coalesce(discount_share, 0) AS f_discount,
       coalesce(online_share, 0) AS f_online,
       coalesce(weekend_share, 0) AS f_weekend,
       coalesce(return_share, 0) AS f_return,
       least(coalesce(view_to_cart, 0), 1) AS f_view_to_cart,
       least(coalesce(cart_to_buy, 0), 1) AS f_cart_to_buy,
       coalesce(category_entropy, 0) AS f_entropy,
       ln(1.0 + coalesce(n_categories, 0)) AS f_categories
FROM c_customers
ORDER BY as_of NULLS FIRST, customer NULLS FIRST
