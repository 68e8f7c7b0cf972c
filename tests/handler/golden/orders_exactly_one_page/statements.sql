SELECT t0.`order_id`
FROM `orders` t0
WHERE t0.`customer_id` = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 6

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s);
-- 'VINET'
