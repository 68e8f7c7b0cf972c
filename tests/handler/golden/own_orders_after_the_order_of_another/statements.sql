SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
WHERE (t0.`ordered_at` <= %s OR t0.`ordered_at` IS NULL) AND ((t0.`ordered_at` < %s OR t0.`ordered_at` IS NULL) OR t0.`ordered_at` = %s AND t0.`order_id` < %s) AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '10400', 'VINET', b'VINET', 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), EXISTS (SELECT 1
FROM `orders` r
WHERE r.`ordered_at` >= %s AND (r.`ordered_at` > %s OR r.`ordered_at` = %s AND r.`order_id` > %s OR r.`ordered_at` = %s AND r.`order_id` = %s) AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET', '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '1997-01-01 00:00:00.000000', '10400', '1997-01-01 00:00:00.000000', '10400', 'VINET', b'VINET'
