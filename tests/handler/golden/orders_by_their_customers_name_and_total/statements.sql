SELECT t1.`name`, CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`) AS DECIMAL(65, 30)), t0.`order_id`, (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`), t1.`customer_id`
FROM ((SELECT k.`order_id`
FROM `orders` k
LEFT JOIN `customers` k1 ON k1.`customer_id` = k.`customer_id`
ORDER BY k1.`name` DESC, CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = k.`order_id`) AS DECIMAL(65, 30)) DESC, k.`order_id` DESC
LIMIT %s)) page
JOIN `orders` t0 ON t0.`order_id` = page.`order_id`
LEFT JOIN `customers` t1 ON t1.`customer_id` = t0.`customer_id`
ORDER BY t1.`name` DESC, CAST((SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
WHERE r.`order_id` = t0.`order_id`) AS DECIMAL(65, 30)) DESC, t0.`order_id` DESC
LIMIT %s;
-- 5, 5
