SELECT t0.`ordered_at`, t0.`order_id`, t0.`order_ref`, t1.`customer_id`, t1.`name`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`)
FROM ((SELECT k.`order_id`
FROM `orders` k
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 11, 11

SELECT t0.`order_id`, t0.`quantity`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2)), t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` IN (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11077', '11076', '11075', '11074', '11073', '11072', '11071', '11070', '11069', '11068', 9990
