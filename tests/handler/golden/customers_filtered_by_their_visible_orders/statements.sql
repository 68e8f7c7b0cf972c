SELECT t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s)
FROM ((SELECT k.`customer_id`
FROM `customers` k
WHERE EXISTS (SELECT 1
FROM `orders` f1
JOIN `customers` f2 ON f2.`customer_id` = f1.`customer_id` AND f2.`customer_id` = %s AND CAST(f2.`customer_id` AS BINARY) = %s
WHERE f1.`customer_id` = k.`customer_id` AND f2.`country` IS NOT NULL AND f1.`customer_id` = %s AND CAST(f1.`customer_id` AS BINARY) = %s) AND k.`customer_id` = %s AND CAST(k.`customer_id` AS BINARY) = %s
ORDER BY k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id` AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 6, 'VINET', b'VINET', 6

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE EXISTS (SELECT 1
FROM `orders` f1
JOIN `customers` f2 ON f2.`customer_id` = f1.`customer_id` AND f2.`customer_id` = %s AND CAST(f2.`customer_id` AS BINARY) = %s
WHERE f1.`customer_id` = r.`customer_id` AND f2.`country` IS NOT NULL AND f1.`customer_id` = %s AND CAST(f1.`customer_id` AS BINARY) = %s) AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s);
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET'
