SELECT t0.`CountryFacet.country shown`, t0.`CountryFacet.customers`
FROM (SELECT k.`country` AS `CountryFacet.country`, MIN(k.`country` COLLATE utf8mb4_nopad_bin) AS `CountryFacet.country shown`, COUNT(*) AS `CountryFacet.customers`
FROM `customers` k
GROUP BY 1) t0
ORDER BY t0.`CountryFacet.country`
LIMIT %s;
-- 4

SELECT t0.`name`, t0.`country`
FROM ((SELECT k.`customer_id`
FROM `customers` k
WHERE k.`country` IN (%s, %s)
ORDER BY k.`customer_id`
LIMIT %s)) page
JOIN `customers` t0 ON t0.`customer_id` = page.`customer_id`
ORDER BY t0.`customer_id`
LIMIT %s;
-- 'UK', 'Poland', 3, 3

SELECT (SELECT COUNT(*)
FROM `customers` r
WHERE r.`country` IN (%s, %s));
-- 'UK', 'Poland'
