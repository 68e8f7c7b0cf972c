CREATE TABLE departments (
  site_code VARCHAR(20) NOT NULL,
  number INT NOT NULL,
  name VARCHAR(100) NOT NULL,
  budget DECIMAL(14, 2) NULL,
  head_id BIGINT NULL,
  PRIMARY KEY (site_code, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE employees (
  employee_id BIGINT NOT NULL,
  email VARCHAR(190) NOT NULL,
  name VARCHAR(100) NOT NULL,
  nickname VARCHAR(100) NULL,
  status VARCHAR(20) NOT NULL,
  mood VARCHAR(20) NULL,
  is_remote BOOLEAN NOT NULL,
  hired_on DATE NOT NULL,
  last_login DATETIME(6) NULL,
  salary DECIMAL(12, 2) NULL,
  badge BIGINT UNSIGNED NOT NULL,
  rating DOUBLE NULL,
  score INT UNSIGNED NULL,
  profile JSON NULL,
  manager_id BIGINT NULL,
  site_code VARCHAR(20) NOT NULL,
  department_no INT NOT NULL,
  PRIMARY KEY (employee_id),
  UNIQUE KEY employees_by_email (email),
  KEY employees_by_name (name, employee_id),
  KEY employees_by_manager (manager_id, name, employee_id),
  KEY employees_by_department (site_code, department_no, employee_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE projects (
  project_id VARCHAR(20) NOT NULL,
  title VARCHAR(100) NULL,
  starts_at DATETIME NULL,
  budget DECIMAL(14, 2) NULL,
  lead_id BIGINT NULL,
  PRIMARY KEY (project_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE assignments (
  project_id VARCHAR(20) NOT NULL,
  employee_id BIGINT NOT NULL,
  role VARCHAR(50) NULL,
  hours DECIMAL(8, 2) NOT NULL,
  PRIMARY KEY (project_id, employee_id),
  KEY assignments_by_employee (employee_id, project_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
