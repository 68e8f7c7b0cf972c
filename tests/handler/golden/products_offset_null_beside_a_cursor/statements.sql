SELECT t0.`product_name`
FROM `products` t0
ORDER BY t0.`product_name` DESC, t0.`product_id` DESC
LIMIT %s;
-- 3

SELECT t0.`product_id`
FROM `products` t0
ORDER BY t0.`product_name` DESC, t0.`product_id` DESC
LIMIT %s;
-- 2

SELECT (SELECT COUNT(*)
FROM `products` r), 0;
