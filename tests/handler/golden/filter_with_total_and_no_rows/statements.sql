SELECT t0.`product_name`, t0.`product_id`
FROM `products` t0
WHERE t0.`product_name` LIKE %s ESCAPE '|'
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'C%', 51

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE r.`product_name` LIKE %s ESCAPE '|'), 0;
-- 'C%'
