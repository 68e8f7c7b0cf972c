SELECT t1.`customer_id`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
WHERE t0.`order_id` = %s
LIMIT %s;
-- '10248', 1

SELECT t0.`customer_id`, t1.`customer_id`, t1.`name`, t0.`order_id`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 3, 3

SELECT t0.`order_id`, t1.`order_id`, t1.`order_ref`
FROM `order_items` t0
LEFT JOIN `orders` t1 ON t1.`order_id` = t0.`order_id`
WHERE t0.`order_id` IN (%s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10739', '10737', 2001
