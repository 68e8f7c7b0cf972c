SELECT t0.`product_name`, t0.`product_id`, (SELECT COUNT(*)
FROM `order_items` r
WHERE r.`product_id` = t0.`product_id`)
FROM `products` t0
WHERE t0.`product_id` = %s
LIMIT %s;
-- 'nothing', 1
