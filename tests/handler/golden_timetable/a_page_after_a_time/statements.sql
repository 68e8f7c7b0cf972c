SELECT t0.`departs`, t0.`takes`, t0.`train_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`
FROM `trains` k
WHERE k.`departs` <= %s AND k.`departs` > %s
ORDER BY k.`departs`, k.`train_id`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`
FROM `trains` k
WHERE k.`departs` <= %s AND k.`departs` = %s AND k.`train_id` > %s
ORDER BY k.`train_id`
LIMIT %s)) page
JOIN `trains` t0 ON t0.`train_id` = page.`train_id`
ORDER BY t0.`departs`, t0.`train_id`
LIMIT %s;
-- '24:10:00', '08:05:00', 4, '24:10:00', '08:05:00', b'ABCDEFGHIJKLMNOP', 4, 4

SELECT (SELECT COUNT(*)
FROM `trains` r
WHERE r.`departs` <= %s);
-- '24:10:00'
