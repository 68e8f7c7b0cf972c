SELECT t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'ALFKI', 1

SELECT t0.`order_id`
FROM `orders` t0
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 2

SELECT t0.`product_name`
FROM `products` t0
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 2

SELECT t0.`quantity`
FROM `order_items` t0
WHERE t0.`order_id` = %s
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10249', 1001
