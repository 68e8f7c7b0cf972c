SELECT t0.`product_name`
FROM `products` t0
WHERE NOT (t0.`product_id` IN (SELECT m.`product_id`
FROM `products` m
WHERE MATCH (m.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE))) AND t0.`product_id` IN (SELECT m.`product_id`
FROM `products` m
WHERE MATCH (m.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE))
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'de', 'chocolade', 51

SELECT t0.`product_name`
FROM `products` t0
WHERE MATCH (t0.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE)
ORDER BY t0.`product_name`, t0.`product_id`
LIMIT %s;
-- 'Anton s mix SAUCE', 4

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE MATCH (r.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE));
-- 'Anton s mix SAUCE'
