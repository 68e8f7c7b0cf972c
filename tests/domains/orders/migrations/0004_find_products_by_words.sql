-- A search box over products finds them by the words of their names.

CREATE FULLTEXT INDEX products_by_words ON products (product_name);
