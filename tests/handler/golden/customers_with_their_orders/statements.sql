SELECT t0.`customer_id`, t0.`name`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`), (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`)
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- 5

SELECT (SELECT COUNT(*)
FROM `customers` r);

SELECT t0.`customer_id`, t0.`order_id`, t0.`ordered_at`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`)
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`customer_id`, t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ALFKI', 3, 'ANATR', 3, 'ANTON', 3, 'AROUT', 3, 12
