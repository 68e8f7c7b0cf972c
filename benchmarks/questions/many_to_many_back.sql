SELECT product_id FROM products ORDER BY product_id LIMIT 20;

SELECT x.product_id, x.quantity, o.ordered_at FROM (
  /* for each key */
  (SELECT product_id, order_id, quantity FROM order_items WHERE product_id = {key} ORDER BY order_id LIMIT 10)
  /* of them */
) x
JOIN orders o ON o.order_id = x.order_id ORDER BY x.product_id, x.order_id
