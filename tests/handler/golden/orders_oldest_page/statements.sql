SELECT t0.`order_id`, t0.`ordered_at`
FROM `orders` t0
ORDER BY t0.`ordered_at`, t0.`order_id`
LIMIT %s;
-- 3
