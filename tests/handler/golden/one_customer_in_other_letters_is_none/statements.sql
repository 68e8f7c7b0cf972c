SELECT t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'vinet', 1
