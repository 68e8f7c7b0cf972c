SELECT t0.`product_name`, t0.`product_id`, t0.`price`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` < %s
ORDER BY k.`product_name` DESC, k.`product_id` DESC
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` = %s AND k.`product_id` < %s
ORDER BY k.`product_id` DESC
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name` DESC, t0.`product_id` DESC
LIMIT %s;
-- 'Chang', 4, 'Chang', '2', 4, 4

SELECT COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ r.`product_name` >= %s AND (r.`product_name` > %s OR r.`product_name` = %s AND r.`product_id` > %s OR r.`product_name` = %s AND r.`product_id` = %s)
FROM `products` r
ORDER BY r.`product_name` DESC, r.`product_id` DESC
LIMIT 1), 0);
-- 'Chang', 'Chang', 'Chang', '2', 'Chang', '2'
