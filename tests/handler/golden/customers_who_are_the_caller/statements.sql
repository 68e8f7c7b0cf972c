SELECT t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s)
FROM `customers` t0
WHERE t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 6

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET'

SELECT t0.`customer_id`, t0.`order_ref`
FROM `orders` t0
WHERE t0.`customer_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 'VINET', b'VINET', 3
