SELECT t0.`order_id`, t0.`ordered_at`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE (EXISTS (SELECT 1
FROM `order_items` f1
JOIN `products` f2 ON f2.`product_id` = f1.`product_id`
WHERE f1.`order_id` = k.`order_id` AND f2.`product_name` LIKE %s ESCAPE '|') OR k.`ordered_at` < %s) AND NOT (EXISTS (SELECT 1
FROM `customers` f1
WHERE f1.`customer_id` = k.`customer_id` AND f1.`country` = %s))
ORDER BY k.`ordered_at`, k.`order_id`
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- '%kaviar%', '1996-07-06 00:00:00.000000', 'France', 3, 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE (EXISTS (SELECT 1
FROM `order_items` f1
JOIN `products` f2 ON f2.`product_id` = f1.`product_id`
WHERE f1.`order_id` = r.`order_id` AND f2.`product_name` LIKE %s ESCAPE '|') OR r.`ordered_at` < %s) AND NOT (EXISTS (SELECT 1
FROM `customers` f1
WHERE f1.`customer_id` = r.`customer_id` AND f1.`country` = %s)));
-- '%kaviar%', '1996-07-06 00:00:00.000000', 'France'

SELECT t0.`order_id`, t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` IN (%s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10249', '10278', 2001
