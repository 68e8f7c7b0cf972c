CREATE TABLE branches (
  branch_id BINARY(16) PRIMARY KEY,
  website VARCHAR(200) NULL,
  mail VARCHAR(100) NOT NULL,
  opens TIME NOT NULL,
  open_on SET('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun') NOT NULL,
  seal VARBINARY(8) NOT NULL,
  KEY branches_by_hour (opens, branch_id)
);

INSERT INTO branches VALUES
  (UNHEX('018f3c7a9b1e7c0a8f00000000000001'), 'https://harbour.example/', 'harbour@shop.example', '08:30:00', 'mon,tue,wed,thu,fri', UNHEX('CAFE')),
  (UNHEX('018f3c7a9b1e7c0a8f00000000000002'), NULL, 'market@shop.example', '07:00:00', 'sat,wed', UNHEX('00FF')),
  (UNHEX('018f3c7a9b1e7c0a8f00000000000003'), 'https://hill.example/', 'hill@shop.example', '10:00:00', '', UNHEX('BEEF'));
