SELECT t0.`train_id`, t0.`name`
FROM ((SELECT /*+ NO_SKIP_SCAN(k) */ k.`train_id`
FROM `trains` k
WHERE k.`train_id` > %s
ORDER BY k.`train_id`
LIMIT %s)) page
JOIN `trains` t0 ON t0.`train_id` = page.`train_id`
ORDER BY t0.`train_id`
LIMIT %s;
-- b'\x80\x00\x00\x00\x00\x00p\x00\x80\x00\x00\x00\x00\x00\x00\xfe', 3, 3

SELECT COALESCE((SELECT /*+ NO_SKIP_SCAN(r) */ (r.`train_id` < %s OR r.`train_id` = %s)
FROM `trains` r
ORDER BY r.`train_id`
LIMIT 1), 0);
-- b'\x80\x00\x00\x00\x00\x00p\x00\x80\x00\x00\x00\x00\x00\x00\xfe', b'\x80\x00\x00\x00\x00\x00p\x00\x80\x00\x00\x00\x00\x00\x00\xfe'
