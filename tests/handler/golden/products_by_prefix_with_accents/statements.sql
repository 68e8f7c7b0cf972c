SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_name` LIKE %s ESCAPE '|'
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Röd%', 51
