SELECT (SELECT COUNT(*)
FROM `products` r);

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE MATCH (r.`product_name`) AGAINST (CONCAT(%s) IN NATURAL LANGUAGE MODE));
-- 'of the'
