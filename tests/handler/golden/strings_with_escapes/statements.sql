SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_name` LIKE %s ESCAPE '|'
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- "Chef Anton's%", 51

SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_name` LIKE %s ESCAPE '|'
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Uncle%', 51

SELECT t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- "\\'); DROP TABLE orders; -- %s", 1
