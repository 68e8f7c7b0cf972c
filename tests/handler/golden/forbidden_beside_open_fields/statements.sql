SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_id` = %s
LIMIT %s;
-- '1', 1
