SELECT t0.`order_id`, t1.`customer_id`, t0.`ordered_at`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id` AND t1.`customer_id` = %s AND CAST(t1.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', b'VINET', 3, 'VINET', b'VINET', 'VINET', b'VINET', 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET'

SELECT t0.`order_id`, t0.`quantity`
FROM `order_items` t0
WHERE t0.`order_id` IN (%s, %s) AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = t0.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10739', '10737', 'VINET', b'VINET', 2001
