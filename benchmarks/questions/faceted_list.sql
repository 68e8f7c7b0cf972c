SELECT o.order_id, o.ordered_at FROM orders o JOIN customers c ON c.customer_id = o.customer_id
WHERE c.country = 'DE' ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT 50;

SELECT c.country, COUNT(*) AS orders FROM orders o JOIN customers c ON c.customer_id = o.customer_id
GROUP BY c.country ORDER BY orders DESC LIMIT 1001;

SELECT YEAR(o.ordered_at) AS year, COUNT(*) FROM orders o JOIN customers c ON c.customer_id = o.customer_id
WHERE c.country = 'DE' GROUP BY year ORDER BY year LIMIT 1001
