SELECT t0.`product_name`, t0.`product_id`, t0.`price`
FROM `products` t0
WHERE t0.`product_name` <= %s AND (t0.`product_name` < %s OR t0.`product_name` = %s AND t0.`product_id` < %s)
ORDER BY t0.`product_name` DESC, t0.`product_id` DESC
LIMIT %s;
-- 'Chang', 'Chang', 'Chang', '2', 4

SELECT EXISTS (SELECT 1
FROM `products` r
WHERE r.`product_name` >= %s AND (r.`product_name` > %s OR r.`product_name` = %s AND r.`product_id` > %s OR r.`product_name` = %s AND r.`product_id` = %s));
-- 'Chang', 'Chang', 'Chang', '2', 'Chang', '2'
