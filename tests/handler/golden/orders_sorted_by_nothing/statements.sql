SELECT t0.`order_id`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3

SELECT t0.`order_id`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3

SELECT t0.`order_id`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3
