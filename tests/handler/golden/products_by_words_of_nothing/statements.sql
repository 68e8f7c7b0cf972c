SELECT (SELECT COUNT(*)
FROM `products` r);

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE MATCH (r.`product_name`) AGAINST (%s IN NATURAL LANGUAGE MODE));
-- 'of the'
