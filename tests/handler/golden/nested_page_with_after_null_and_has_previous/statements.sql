SELECT t0.`customer_id`, 0
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- 3

SELECT t0.`customer_id`, t0.`order_id`
FROM ((SELECT k.`order_id`
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
-- 'ALFKI', 3, 'ANATR', 3, 6
