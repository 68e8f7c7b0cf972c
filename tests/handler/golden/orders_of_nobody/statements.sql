SELECT t0.`order_id`, t1.`customer_id`, t1.`name`, t0.`ordered_at`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
WHERE t0.`customer_id` = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'nobody', 11

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s);
-- 'nobody'
