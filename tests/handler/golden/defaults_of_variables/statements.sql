SELECT t0.`product_name`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` LIKE %s ESCAPE '|'
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Ch%', 3, 3

SELECT t0.`name`
FROM `customers` t0
WHERE t0.`customer_id` = %s
LIMIT %s;
-- 'ALFKI', 1
