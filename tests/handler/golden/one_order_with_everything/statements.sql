SELECT t0.`order_id`, t0.`order_ref`, t0.`ordered_at`, t0.`customer_id`, t1.`customer_id`, t1.`name`, t1.`country`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t1.`customer_id`), (SELECT COUNT(*)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`), (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`)
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10250', 1

SELECT t0.`order_id`, t0.`order_item_id`, t0.`product_id`, t1.`product_id`, t1.`product_name`, t1.`price`, t0.`quantity`, t0.`unit_price`, t0.`discount`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2))
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` = %s
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10250', 1001
