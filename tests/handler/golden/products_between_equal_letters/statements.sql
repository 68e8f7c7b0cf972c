SELECT t0.`product_id`, t0.`product_name`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` > %s
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`product_id`
FROM `products` k
WHERE k.`product_name` = %s AND k.`product_id` > %s
ORDER BY k.`product_id`
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Chang', 4, 'Chang', '2', 4, 4
