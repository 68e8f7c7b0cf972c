SELECT t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s)
FROM ((SELECT k.`customer_id`
FROM `customers` k
WHERE k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 6, 'VINET', b'VINET', 6

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET'

SELECT t0.`customer_id`, t0.`order_ref`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 'VINET', b'VINET', 3, 'VINET', b'VINET', 3
