SELECT t0.`order_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE (k.`ordered_at` < %s OR k.`ordered_at` IS NULL) AND k.`ordered_at` >= %s AND (k.`ordered_at` > %s OR k.`ordered_at` = %s AND k.`order_id` > %s)
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` = %s AND k.`order_id` < %s AND k.`ordered_at` >= %s AND (k.`ordered_at` > %s OR k.`ordered_at` = %s AND k.`order_id` > %s)
ORDER BY k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1998-05-06 00:00:00.000000', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '11066', 5, '1998-05-06 00:00:00.000000', '11074', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '11066', 5, 5
