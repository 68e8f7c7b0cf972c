SELECT t0.`order_id`, t0.`ordered_at`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE (k.`ordered_at` < %s OR k.`ordered_at` IS NULL) AND k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` = %s AND k.`order_id` < %s AND k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1997-01-01 00:00:00.000000', 'VINET', b'VINET', 3, '1997-01-01 00:00:00.000000', '10400', 'VINET', b'VINET', 3, 'VINET', b'VINET', 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ r.`ordered_at` >= %s AND (r.`ordered_at` > %s OR r.`ordered_at` = %s AND r.`order_id` > %s OR r.`ordered_at` = %s AND r.`order_id` = %s)
FROM `orders` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s
ORDER BY r.`ordered_at` DESC, r.`order_id` DESC
LIMIT 1), 0);
-- 'VINET', b'VINET', '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '10400', '1997-01-01 00:00:00.000000', '10400', 'VINET', b'VINET'
