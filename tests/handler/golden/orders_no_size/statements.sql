SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 1

SELECT (SELECT COUNT(*)
FROM `orders` r);
