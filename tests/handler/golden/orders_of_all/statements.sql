SELECT t0.`order_id`, t1.`customer_id`, t1.`name`
FROM ((SELECT k.`order_id`
FROM `orders` k
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3, 3

SELECT (SELECT COUNT(*)
FROM `orders` r);
