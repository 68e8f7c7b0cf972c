SELECT t0.`product_id`, t0.`product_name`
FROM `products` t0
WHERE t0.`product_name` >= %s AND (t0.`product_name` > %s OR t0.`product_name` = %s AND t0.`product_id` > %s)
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Chang', 'Chang', 'Chang', '2', 4
