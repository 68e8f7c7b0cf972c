SELECT t0.`order_id`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`)
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`order_id`
FROM `orders` k
WHERE k.`ordered_at` >= %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- '1998-05-06 00:00:00.000000', 51, 51

SELECT t0.`order_id`, t0.`quantity`, t0.`unit_price`, t0.`discount`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2))
FROM `order_items` t0
WHERE t0.`order_id` IN (%s, %s, %s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11077', '11076', '11075', '11074', 4001
