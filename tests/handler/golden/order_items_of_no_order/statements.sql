SELECT t0.`order_item_id`, t1.`order_id`, t1.`order_ref`
FROM `order_items` t0
LEFT JOIN `orders` t1 ON t1.`order_id` = t0.`order_id`
WHERE t0.`order_id` = %s
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '1', 1001
