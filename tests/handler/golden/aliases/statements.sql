SELECT t0.`customer_id`, t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'ALFKI', 1

SELECT t0.`name`, t0.`customer_id`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'ANATR', 1

SELECT t0.`customer_id`, t0.`order_id`
FROM `orders` t0
WHERE t0.`customer_id` = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ANATR', 2

SELECT t0.`customer_id`, t0.`order_id`
FROM `orders` t0
WHERE t0.`customer_id` = %s
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ANATR', 3
