SELECT t0.`departs`, t0.`takes`, t0.`train_id`
FROM `trains` t0
WHERE t0.`departs` <= %s AND t0.`departs` >= %s AND (t0.`departs` > %s OR t0.`departs` = %s AND t0.`train_id` > %s)
ORDER BY t0.`departs`, t0.`train_id`
LIMIT %s;
-- '24:10:00', '08:05:00', '08:05:00', '08:05:00', b'ABCDEFGHIJKLMNOP', 4

SELECT (SELECT COUNT(*)
FROM `trains` r
WHERE r.`departs` <= %s);
-- '24:10:00'
