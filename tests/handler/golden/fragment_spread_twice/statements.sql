SELECT t0.`order_ref`, t1.`customer_id`, t1.`name`, t0.`order_id`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1
