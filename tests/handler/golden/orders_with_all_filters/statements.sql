SELECT t0.`order_id`, t0.`ordered_at`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND k.`ordered_at` >= %s AND k.`ordered_at` < %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'SAVEA', '1997-01-01 00:00:00.000000', '1998-01-01 00:00:00.000000', 3, 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND r.`ordered_at` >= %s AND r.`ordered_at` < %s);
-- 'SAVEA', '1997-01-01 00:00:00.000000', '1998-01-01 00:00:00.000000'
