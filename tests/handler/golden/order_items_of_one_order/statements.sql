SELECT t0.`order_item_id`, t0.`quantity`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2)), t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` = %s
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10248', 1001
