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
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ANATR', 2, 2

SELECT t0.`customer_id`, t0.`order_id`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ANATR', 3, 3
