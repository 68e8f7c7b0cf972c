-- Customers are listed by name where a client asks for it.

CREATE INDEX customers_by_name ON customers (name, customer_id);
