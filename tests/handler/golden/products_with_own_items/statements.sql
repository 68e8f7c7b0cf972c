SELECT t0.`product_name`, t0.`product_id`, (SELECT COUNT(*)
FROM `order_items` r
WHERE r.`product_id` = t0.`product_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s))
FROM ((SELECT k.`product_id`
FROM `products` k
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'VINET', b'VINET', 4, 4

SELECT t0.`product_id`, t0.`quantity`, t1.`order_id`, t1.`order_ref`, t2.`customer_id`, t2.`name`
FROM ((SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = k.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = k.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)
UNION ALL (SELECT k.`order_id`, k.`order_item_id`
FROM `order_items` k
WHERE k.`product_id` = %s AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = k.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY k.`order_id`, k.`order_item_id`
LIMIT %s)) page
JOIN `order_items` t0 ON t0.`order_id` = page.`order_id` AND t0.`order_item_id` = page.`order_item_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = t0.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
LEFT JOIN `orders` t1 ON t1.`order_id` = t0.`order_id` AND t1.`customer_id` = %s AND CAST(t1.`customer_id` AS BINARY) = %s
LEFT JOIN `customers` t2 ON t2.`customer_id` = t1.`customer_id` AND t2.`customer_id` = %s AND CAST(t2.`customer_id` AS BINARY) = %s
ORDER BY t0.`product_id`, t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '17', 'VINET', b'VINET', 3, '3', 'VINET', b'VINET', 3, '40', 'VINET', b'VINET', 3, 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 9
