SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
WHERE t0.`customer_id` = %s AND t0.`ordered_at` >= %s AND t0.`ordered_at` < %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'SAVEA', '1997-01-01 00:00:00.000000', '1998-01-01 00:00:00.000000', 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND r.`ordered_at` >= %s AND r.`ordered_at` < %s);
-- 'SAVEA', '1997-01-01 00:00:00.000000', '1998-01-01 00:00:00.000000'
