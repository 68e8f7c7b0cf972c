SELECT t0.`name`, t0.`customer_id`, t0.`country`
FROM `customers` t0
ORDER BY t0.`customer_id`
LIMIT %s;
-- 3
