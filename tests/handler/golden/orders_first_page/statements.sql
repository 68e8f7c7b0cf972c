SELECT t0.`ordered_at`, t0.`order_id`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 4

SELECT (SELECT COUNT(*)
FROM `orders` r);
