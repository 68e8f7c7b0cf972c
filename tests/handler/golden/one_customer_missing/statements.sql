SELECT t0.`name`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`), t0.`customer_id`, (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = t0.`customer_id`)
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'PARIS', 1
