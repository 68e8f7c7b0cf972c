SELECT t0.`product_name`, t0.`product_id`, (SELECT COUNT(*)
FROM `order_items` r
WHERE r.`product_id` = t0.`product_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s))
FROM `products` t0
WHERE t0.`product_id` = %s
LIMIT %s;
-- None, None, '11', 1

SELECT t0.`order_id`
FROM `orders` t0
WHERE t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- None, None, 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- None, None
