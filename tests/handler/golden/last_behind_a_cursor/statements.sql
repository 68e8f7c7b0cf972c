SELECT t0.`order_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE (k.`ordered_at` <= %s OR k.`ordered_at` IS NULL) AND ((k.`ordered_at` < %s OR k.`ordered_at` IS NULL) OR k.`ordered_at` = %s AND k.`order_id` < %s)
ORDER BY k.`ordered_at`, k.`order_id`
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '11074', 3, 3
