SELECT t0.`name`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`), t0.`customer_id`
FROM ((SELECT k.`customer_id`
FROM `customers` k
ORDER BY (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = k.`customer_id`) DESC, k.`name`, k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id`
ORDER BY (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`) DESC, t0.`name`, t0.`customer_id`
LIMIT %s;
-- 4, 4
