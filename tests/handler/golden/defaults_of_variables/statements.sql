SELECT t0.`product_name`
FROM `products` t0
WHERE t0.`product_name` LIKE %s ESCAPE '|'
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Ch%', 3

SELECT t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'ALFKI', 1
