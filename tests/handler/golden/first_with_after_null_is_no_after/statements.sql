SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
WHERE t0.`customer_id` = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 5

SELECT 0, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s);
-- 'VINET'
