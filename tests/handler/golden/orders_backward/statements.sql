SELECT t0.`order_id`, t0.`ordered_at`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` > %s
ORDER BY k.`ordered_at`, k.`order_id`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` = %s AND k.`order_id` > %s
ORDER BY k.`order_id`
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- '1996-07-05 00:00:00.000000', 3, '1996-07-05 00:00:00.000000', '10249', 3, 3

SELECT (SELECT COUNT(*)
FROM `orders` r), COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ (r.`ordered_at` <= %s OR r.`ordered_at` IS NULL) AND ((r.`ordered_at` < %s OR r.`ordered_at` IS NULL) OR r.`ordered_at` = %s AND r.`order_id` < %s OR r.`ordered_at` = %s AND r.`order_id` = %s)
FROM `orders` r
ORDER BY r.`ordered_at`, r.`order_id`
LIMIT 1), 0);
-- '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '10249', '1996-07-05 00:00:00.000000', '10249'
