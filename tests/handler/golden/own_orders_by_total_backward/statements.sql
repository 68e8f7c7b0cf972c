SELECT t0.`order_id`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)), CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)) AS DECIMAL(65, 30))
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = k.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)) AS DECIMAL(65, 30)) DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)) AS DECIMAL(65, 30)) DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 3, 'VINET', b'VINET', 'VINET', b'VINET', 3
