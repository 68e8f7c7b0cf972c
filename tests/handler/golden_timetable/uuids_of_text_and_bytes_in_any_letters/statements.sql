SELECT t0.`train_id`, t0.`operator_id`, t1.`operator_id`, t1.`name`, t2.`train_id`
FROM ((SELECT k.`train_id`
FROM `trains` k
WHERE k.`train_id` IN (%s, %s)
ORDER BY k.`train_id`
LIMIT %s)) page
JOIN `trains` t0 ON t0.`train_id` = page.`train_id`
LEFT JOIN `operators` t1 ON t1.`operator_id` = t0.`operator_id`
LEFT JOIN `trains` t2 ON t2.`train_id` = t0.`next_id`
ORDER BY t0.`train_id`
LIMIT %s;
-- b'\x80\x00\x00\x00\x00\x00p\x00\x80\x00\x00\x00\x00\x00\x00\xfe', b'\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', 51, 51

SELECT t0.`operator_id`, (SELECT COUNT(*)
FROM `trains` r
WHERE r.`operator_id` = t0.`operator_id` AND r.`departs` = %s)
FROM `operators` t0
WHERE t0.`operator_id` = %s
LIMIT %s;
-- '08:05:00', 'cca49a99-f756-52ca-acc1-f63c536a5b75', 1

SELECT t0.`operator_id`, t0.`train_id`
FROM `trains` t0
WHERE t0.`operator_id` = %s
ORDER BY t0.`train_id`
LIMIT %s;
-- 'cca49a99-f756-52ca-acc1-f63c536a5b75', 3
