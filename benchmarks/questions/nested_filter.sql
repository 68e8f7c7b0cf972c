SELECT o.order_id, o.ordered_at, c.customer_id, c.name
FROM orders o JOIN customers c ON c.customer_id = o.customer_id
WHERE c.country = 'DE' AND EXISTS (
  SELECT 1 FROM order_items i JOIN products p ON p.product_id = i.product_id
  WHERE i.order_id = o.order_id AND p.category = 'tea')
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT 50
