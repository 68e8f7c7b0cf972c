SELECT t0.`product_name`
FROM ((SELECT k.`product_id`
FROM `products` k
WHERE NOT (k.`product_id` IN (SELECT m.`product_id`
FROM `products` m
WHERE MATCH (m.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE))) AND k.`product_id` IN (SELECT m.`product_id`
FROM `products` m
WHERE MATCH (m.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE))
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'de', 'chocolade', 51, 51

SELECT t0.`product_name`
FROM ((SELECT k.`product_id`
FROM `products` k
WHERE MATCH (k.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE)
ORDER BY k.`product_name`, k.`product_id`
LIMIT %s)) page
JOIN `products` t0 ON t0.`product_id` = page.`product_id`
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Anton s mix SAUCE', 4, 4

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE MATCH (r.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE));
-- 'Anton s mix SAUCE'
