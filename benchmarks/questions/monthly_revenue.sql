SELECT DATE_FORMAT(o.ordered_at, '%Y-%m-01') AS month, COUNT(*), SUM(i.quantity * i.price)
FROM orders o JOIN order_items i ON i.order_id = o.order_id
GROUP BY month ORDER BY month LIMIT 1001
