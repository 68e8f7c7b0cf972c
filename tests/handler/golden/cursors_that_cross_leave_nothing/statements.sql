SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
WHERE (t0.`ordered_at` <= %s OR t0.`ordered_at` IS NULL) AND ((t0.`ordered_at` < %s OR t0.`ordered_at` IS NULL) OR t0.`ordered_at` = %s AND t0.`order_id` < %s) AND t0.`ordered_at` >= %s AND (t0.`ordered_at` > %s OR t0.`ordered_at` = %s AND t0.`order_id` > %s)
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '11066', '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '1998-05-06 00:00:00.000000', '11074', 51

SELECT EXISTS (SELECT 1
FROM `orders` r
WHERE r.`ordered_at` >= %s AND (r.`ordered_at` > %s OR r.`ordered_at` = %s AND r.`order_id` > %s OR r.`ordered_at` = %s AND r.`order_id` = %s)), (SELECT COUNT(*)
FROM `orders` r);
-- '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '1998-05-04 00:00:00.000000', '11066', '1998-05-04 00:00:00.000000', '11066'
