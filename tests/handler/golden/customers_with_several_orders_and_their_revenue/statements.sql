SELECT t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`), (SELECT COALESCE(SUM((ROUND(r.`quantity` * r.`unit_price` * (1 - r.`discount`), 2))), 0)
FROM `order_items` r
JOIN `orders` r_1 ON r.`order_id` = r_1.`order_id`
WHERE r_1.`customer_id` = t0.`customer_id`)
FROM ((SELECT k.`customer_id`
FROM `customers` k
WHERE (k.`country` = %s) IS NOT TRUE AND (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = k.`customer_id`) < %s AND (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = k.`customer_id`) >= %s
ORDER BY k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id`
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'France', 12, 2, 6, 6

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE (r.`country` = %s) IS NOT TRUE AND (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = r.`customer_id`) < %s AND (SELECT COUNT(*)
FROM `orders` f1
WHERE f1.`customer_id` = r.`customer_id`) >= %s);
-- 'France', 12, 2
