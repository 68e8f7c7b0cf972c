SELECT t0.`order_ref`, t1.`customer_id`, t1.`name`, t1.`country`, t0.`order_id`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1

SELECT t0.`order_id`, t0.`quantity`, t0.`unit_price`
FROM `order_items` t0
WHERE t0.`order_id` = %s
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10248', 1001
