CREATE TABLE employees (
  employee_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(30) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE salaries (
  employee_id INT NOT NULL,
  from_date DATE NOT NULL,
  amount DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (employee_id, from_date)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE titles (
  title_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(30) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE employee_titles (
  employee_id INT NOT NULL,
  title_id INT NOT NULL,
  since DATE NOT NULL,
  PRIMARY KEY (employee_id, title_id),
  KEY titles_by_time (employee_id, since, title_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO employees VALUES (1, 'Ada'), (2, 'Bo'), (3, 'Cy');
INSERT INTO salaries VALUES
  (1, '2019-01-01', 4000), (1, '2023-01-01', 5200.5), (2, '2021-06-01', 3900);
INSERT INTO titles VALUES (1, 'Engineer'), (2, 'Lead');
INSERT INTO employee_titles VALUES (1, 2, '2023-01-01'), (1, 1, '2019-01-01'), (2, 1, '2021-06-01');
