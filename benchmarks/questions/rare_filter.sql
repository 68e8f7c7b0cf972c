SELECT o.order_id, o.ordered_at, c.customer_id, c.name
FROM orders o JOIN customers c ON c.customer_id = o.customer_id
WHERE o.order_id IN (
  SELECT i.order_id FROM order_items i JOIN products p ON p.product_id = i.product_id
  WHERE p.name = 'Product 500')
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT 50
