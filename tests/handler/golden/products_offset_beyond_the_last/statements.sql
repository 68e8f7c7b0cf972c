SELECT (SELECT COUNT(*)
FROM `products` r);

SELECT t0.`product_name`, t0.`product_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s OFFSET %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 6, 100, 6

SELECT (SELECT COUNT(*)
FROM `products` r), COALESCE((SELECT 1
FROM `products` r
LIMIT 1), 0);

SELECT t0.`product_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` LIKE %s ESCAPE '|'
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s OFFSET %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- '?%', 51, 5, 51

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE r.`product_name` LIKE %s ESCAPE '|'), COALESCE((SELECT 1
FROM `products` r
WHERE r.`product_name` LIKE %s ESCAPE '|'
LIMIT 1), 0);
-- '?%', '?%'
