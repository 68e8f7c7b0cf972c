SELECT (SELECT COUNT(*)
FROM `products` r
WHERE r.`product_name` LIKE %s ESCAPE '|');
-- '|%%'

SELECT (SELECT COUNT(*)
FROM `products` r
WHERE r.`product_name` LIKE %s ESCAPE '|');
-- '|_hai%'
