SELECT t0.`order_id`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`)
FROM ((SELECT k.`order_id`
FROM `orders` k
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 3, 3

SELECT t0.`order_id`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2)), t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` IN (%s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11077', '11076', 2001
