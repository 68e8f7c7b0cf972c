SELECT t0.`name`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s)
FROM `customers` t0
WHERE t0.`customer_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'HANAR', 'VINET', b'VINET', 1

SELECT t0.`quantity`
FROM `order_items` t0
WHERE t0.`order_id` = %s AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = t0.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10250', 'VINET', b'VINET', 1001

SELECT t0.`order_id`
FROM `orders` t0
WHERE t0.`customer_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'HANAR', 'VINET', b'VINET', 3

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'HANAR', 'VINET', b'VINET'
