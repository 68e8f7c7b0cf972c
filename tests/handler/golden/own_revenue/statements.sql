SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id` AND r_1.`customer_id` = %s AND CAST(r_1.`customer_id` AS BINARY) = %s
WHERE r_1.`customer_id` = t0.`customer_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s))
FROM `customers` t0
WHERE t0.`customer_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', 'VINET', b'VINET', 1

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id` AND r_1.`customer_id` = %s AND CAST(r_1.`customer_id` AS BINARY) = %s
WHERE r_1.`customer_id` = t0.`customer_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s))
FROM `customers` t0
WHERE t0.`customer_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 'HANAR', 'VINET', b'VINET', 1

SELECT t0.`customer_id`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id` AND r_1.`customer_id` = %s AND CAST(r_1.`customer_id` AS BINARY) = %s
WHERE r_1.`customer_id` = t0.`customer_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s))
FROM ((SELECT k.`customer_id`
FROM `customers` k
WHERE (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = k.`customer_id` AND f1.`customer_id` = %s AND CAST(f1.`customer_id` AS BINARY) = %s) > %s AND k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 0, 'VINET', b'VINET', 51, 'VINET', b'VINET', 51

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = r.`customer_id` AND f1.`customer_id` = %s AND CAST(f1.`customer_id` AS BINARY) = %s) > %s AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET', 0, 'VINET', b'VINET'
