SELECT order_id FROM orders ORDER BY ordered_at DESC, order_id DESC LIMIT 50;

SELECT order_id, quantity, name FROM (
  SELECT i.order_id, i.quantity, p.name, p.product_id,
    ROW_NUMBER() OVER (PARTITION BY i.order_id ORDER BY p.name, p.product_id) AS n
  FROM order_items i JOIN products p ON p.product_id = i.product_id
  WHERE i.order_id IN ({keys})) x
WHERE n <= 3 ORDER BY order_id, n
