SELECT t0.`departs`
FROM `trains` t0
WHERE t0.`departs` >= %s
ORDER BY t0.`departs`, t0.`train_id`
LIMIT %s;
-- '-01:30:00', 5

SELECT t0.`place`
FROM `stops` t0
WHERE FALSE
ORDER BY t0.`train_id`, t0.`arrives`
LIMIT %s;
-- 51

SELECT (SELECT COUNT(*)
FROM `stops` r
WHERE FALSE);
