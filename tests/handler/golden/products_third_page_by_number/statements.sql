SELECT t0.`product_name`, t0.`product_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` <> %s
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s OFFSET %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Tofu', 13, 24, 13

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE r.`product_name` <> %s), COALESCE((SELECT 1
FROM `products` r
WHERE r.`product_name` <> %s
LIMIT 1), 0);
-- 'Tofu', 'Tofu'
