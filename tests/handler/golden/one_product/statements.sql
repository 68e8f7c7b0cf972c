SELECT t0.`product_id`, t0.`product_name`, t0.`price`
FROM `products` t0
WHERE t0.`product_id` = %s
LIMIT %s;
-- '11', 1
