SELECT t0.`order_id`
FROM `orders` t0
WHERE (t0.`ordered_at` <= %s OR t0.`ordered_at` IS NULL) AND ((t0.`ordered_at` < %s OR t0.`ordered_at` IS NULL) OR t0.`ordered_at` = %s AND t0.`order_id` < %s)
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '11074', 3
