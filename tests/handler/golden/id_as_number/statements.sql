SELECT t0.`order_ref`
FROM `orders` t0
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1

SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_id` = %s
LIMIT %s;
-- '11', 1
