SELECT t0.`order_id`
FROM `orders` t0
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1
