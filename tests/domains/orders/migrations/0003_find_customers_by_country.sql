-- Filters over customers, and over the orders of customers, choose by country.

CREATE INDEX customers_by_country ON customers (country);
