SELECT t0.`order_ref`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`), t0.`ordered_at`
FROM `orders` t0
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1
