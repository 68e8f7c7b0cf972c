SELECT t0.`order_id`, t1.`customer_id`, t1.`country`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE EXISTS (SELECT 1
FROM `customers` f1
WHERE f1.`customer_id` = k.`customer_id` AND f1.`country` IN (%s, %s))
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'Norway', 'Ireland', 4, 4

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE EXISTS (SELECT 1
FROM `customers` f1
WHERE f1.`customer_id` = r.`customer_id` AND f1.`country` IN (%s, %s)));
-- 'Norway', 'Ireland'
