SELECT t0.`order_ref`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)), (SELECT COUNT(*)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id` AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = r.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)), t1.`customer_id`, t1.`name`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t1.`customer_id` AND r.`customer_id` = %s AND CAST(r.`customer_id` AS BINARY) = %s), t0.`order_id`
FROM `orders` t0
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id` AND t1.`customer_id` = %s AND CAST(t1.`customer_id` AS BINARY) = %s
WHERE t0.`order_id` = %s AND t0.`customer_id` = %s AND CAST(t0.`customer_id` AS BINARY) = %s
LIMIT %s;
-- 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', 'VINET', b'VINET', '10248', 'VINET', b'VINET', 1

SELECT t0.`order_id`, t0.`quantity`, t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` = %s AND EXISTS (SELECT 1
FROM `orders` g1
WHERE g1.`order_id` = t0.`order_id` AND g1.`customer_id` = %s AND CAST(g1.`customer_id` AS BINARY) = %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '10248', 'VINET', b'VINET', 1001
