SELECT t0.`ProductRevenue.productId shown`, t0.`ProductRevenue.productName shown`, t0.`ProductRevenue.orders`, t0.`ProductRevenue.revenue`
FROM (SELECT k.`product_id` AS `ProductRevenue.productId`, w1.`product_name` AS `ProductRevenue.productName`, MIN(k.`product_id` COLLATE utf8mb4_nopad_bin) AS `ProductRevenue.productId shown`, MIN(w1.`product_name` COLLATE utf8mb4_nopad_bin) AS `ProductRevenue.productName shown`, COUNT(DISTINCT k.`order_id`) AS `ProductRevenue.orders`, COALESCE(SUM((ROUND(k.`quantity` * k.`unit_price` * (1 - k.`discount`), 2))), 0) AS `ProductRevenue.revenue`
FROM `order_items` k
LEFT JOIN `products` w1 ON w1.`product_id` = k.`product_id`
GROUP BY 1, 2) t0
ORDER BY t0.`ProductRevenue.revenue` DESC, t0.`ProductRevenue.productId` DESC, t0.`ProductRevenue.productName` DESC
LIMIT %s;
-- 4
