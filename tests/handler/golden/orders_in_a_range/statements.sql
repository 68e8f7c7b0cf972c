SELECT t0.`order_id`, t0.`ordered_at`, t1.`customer_id`, t1.`country`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` >= %s AND k.`ordered_at` < %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1997-01-01 00:00:00.000000', '1997-01-04 00:00:00.000000', 51, 51

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`ordered_at` >= %s AND r.`ordered_at` < %s);
-- '1997-01-01 00:00:00.000000', '1997-01-04 00:00:00.000000'
