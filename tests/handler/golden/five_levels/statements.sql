SELECT t0.`name`, t0.`customer_id`
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- 3

SELECT t0.`customer_id`, t0.`order_ref`, t0.`order_id`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
ORDER BY t0.`customer_id`, t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'ALFKI', 2, 'ANATR', 2, 4

SELECT t0.`order_id`, (ROUND(t0.`quantity` * t0.`unit_price` * (1 - t0.`discount`), 2)), t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` IN (%s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11011', '10926', 2001

SELECT t0.`product_id`, t1.`order_id`, t2.`customer_id`, t2.`name`
FROM ((SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)) page
JOIN `order_items` t0 ON t0.`order_id` = page.`order_id` AND t0.`order_item_id` = page.`order_item_id`
LEFT JOIN `orders` t1 ON t1.`order_id` = t0.`order_id`
LEFT JOIN `customers` t2 ON t2.`customer_id` = t1.`customer_id`
ORDER BY t0.`product_id`, t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11', 2, '13', 2, '19', 2, '72', 2, '58', 2, '71', 2, 12
