SELECT t0.`customer_id`
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- 4

SELECT t0.`customer_id`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'none', 1

SELECT t0.`customer_id`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'VINET', 1

SELECT t0.`customer_id`, t0.`order_id`, t0.`ordered_at`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)
UNION ALL (SELECT k.`order_id`
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
-- 'ALFKI', 1, 'ANATR', 1, 'ANTON', 1, 3

SELECT t0.`customer_id`, t0.`order_ref`, t1.`customer_id`
FROM ((SELECT k.`order_id`
FROM `orders` k
WHERE k.`customer_id` = %s
ORDER BY k.`ordered_at` DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t0.`ordered_at` DESC, t0.`order_id` DESC
LIMIT %s;
-- 'VINET', 1, 1

SELECT t0.`order_id`, t1.`product_id`, t1.`product_name`
FROM `order_items` t0
LEFT JOIN `products` t1 ON t1.`product_id` = t0.`product_id`
WHERE t0.`order_id` IN (%s, %s, %s)
ORDER BY t0.`order_id`, t0.`order_item_id`
LIMIT %s;
-- '11011', '10926', '10856', 3001
