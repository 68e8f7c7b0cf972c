SELECT t0.`departs`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`
FROM `trains` k
WHERE k.`departs` >= %s
ORDER BY k.`departs`, k.`train_id`
LIMIT %s)) page
JOIN `trains` t0 ON t0.`train_id` = page.`train_id`
ORDER BY t0.`departs`, t0.`train_id`
LIMIT %s;
-- '-01:30:00', 5, 5

SELECT t0.`place`
FROM ((SELECT k.`train_id`, k.`arrives`
FROM `stops` k
WHERE FALSE
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)) page
JOIN `stops` t0 ON t0.`train_id` = page.`train_id` AND t0.`arrives` = page.`arrives`
ORDER BY t0.`train_id`, t0.`arrives`
LIMIT %s;
-- 51, 51

SELECT (SELECT COUNT(*)
FROM `stops` r
WHERE FALSE);
