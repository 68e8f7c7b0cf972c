SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
WHERE t0.`ordered_at` >= %s AND (t0.`ordered_at` > %s OR t0.`ordered_at` = %s AND t0.`order_id` > %s)
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '10249', 3

SELECT (SELECT COUNT(*)
FROM `orders` r), EXISTS (SELECT 1
FROM `orders` r
WHERE (r.`ordered_at` <= %s OR r.`ordered_at` IS NULL) AND ((r.`ordered_at` < %s OR r.`ordered_at` IS NULL) OR r.`ordered_at` = %s AND r.`order_id` < %s OR r.`ordered_at` = %s AND r.`order_id` = %s));
-- '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '1996-07-05 00:00:00.000000', '10249', '1996-07-05 00:00:00.000000', '10249'
