SELECT t0.`train_id`
FROM `trains` t0
ORDER BY t0.`train_id`
LIMIT %s;
-- 6

SELECT t0.`train_id`, t0.`arrives`, t1.`train_id`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`, k.`arrives`
FROM `stops` k
WHERE k.`train_id` = %s AND k.`arrives` >= %s
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`, k.`arrives`
FROM `stops` k
WHERE k.`train_id` = %s AND k.`arrives` >= %s
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`, k.`arrives`
FROM `stops` k
WHERE k.`train_id` = %s AND k.`arrives` >= %s
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`, k.`arrives`
FROM `stops` k
WHERE k.`train_id` = %s AND k.`arrives` >= %s
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)
UNION ALL (SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`, k.`arrives`
FROM `stops` k
WHERE k.`train_id` = %s AND k.`arrives` >= %s
ORDER BY k.`train_id`, k.`arrives`
LIMIT %s)) page
JOIN `stops` t0 ON t0.`train_id` = page.`train_id` AND t0.`arrives` = page.`arrives`
LEFT JOIN `trains` t1 ON t1.`train_id` = t0.`train_id`
ORDER BY t0.`train_id`, t0.`arrives`
LIMIT %s;
-- b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00', '02:00:00', 3, b'\x01N.c\xa5\x00W\xee\xa8a\x88\xf6to\x99\x8f', '02:00:00', 3, b'ABCDEFGHIJKLMNOP', '02:00:00', 3, b'abcdefghijklmnop', '02:00:00', 3, b'i\x02\xa1\xce\xda:P\xfa\x87\xb7\n\x11C\x85R?', '02:00:00', 3, 15
