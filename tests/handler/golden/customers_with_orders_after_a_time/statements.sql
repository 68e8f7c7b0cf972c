SELECT t0.`name`, t0.`customer_id`, COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ r.`ordered_at` >= %s AND (r.`ordered_at` > %s OR r.`ordered_at` = %s AND r.`order_id` > %s OR r.`ordered_at` = %s AND r.`order_id` = %s)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`
ORDER BY r.`customer_id` DESC, r.`ordered_at` DESC, r.`order_id` DESC
LIMIT 1), 0)
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '', '1997-06-01 00:00:00.000000', '', 4

SELECT t0.`customer_id`, t0.`order_id`, t0.`ordered_at`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND (k.`ordered_at` <= %s OR k.`ordered_at` IS NULL) AND ((k.`ordered_at` < %s OR k.`ordered_at` IS NULL) OR k.`ordered_at` = %s AND k.`order_id` < %s)
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND (k.`ordered_at` <= %s OR k.`ordered_at` IS NULL) AND ((k.`ordered_at` < %s OR k.`ordered_at` IS NULL) OR k.`ordered_at` = %s AND k.`order_id` < %s)
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND (k.`ordered_at` <= %s OR k.`ordered_at` IS NULL) AND ((k.`ordered_at` < %s OR k.`ordered_at` IS NULL) OR k.`ordered_at` = %s AND k.`order_id` < %s)
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`customer_id`, t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ALFKI', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '', 2, 'ANATR', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '', 2, 'ANTON', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '1997-06-01 00:00:00.000000', '', 2, 6
