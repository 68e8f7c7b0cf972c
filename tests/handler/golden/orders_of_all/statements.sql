SELECT t0.`order_id`, t1.`customer_id`, t1.`name`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3

SELECT (SELECT COUNT(*)
FROM `orders` r);
