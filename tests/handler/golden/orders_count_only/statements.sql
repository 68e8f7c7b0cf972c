SELECT (SELECT COUNT(*)
FROM `orders` r);

SELECT (SELECT COUNT(*)
FROM `orders` r
WHERE r.`customer_id` = %s);
-- 'ERNSH'
