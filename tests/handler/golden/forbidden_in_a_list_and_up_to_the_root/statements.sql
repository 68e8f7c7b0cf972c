SELECT t0.`product_name`
FROM `products` t0
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 2
