CREATE TABLE clinics (
  clinic_id INT NOT NULL PRIMARY KEY,
  city VARCHAR(20) NOT NULL
) CHARSET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE patients (
  patient_id VARCHAR(20) NOT NULL PRIMARY KEY,
  clinic_id INT NOT NULL,
  doctor VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL, -- under which ANN, ann and Änn are equal
  born INT NOT NULL,
  KEY patients_by_clinic (clinic_id, doctor, patient_id),
  KEY patients_by_clinic_alone (clinic_id, patient_id),
  KEY patients_by_doctor (doctor, clinic_id, patient_id)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE visits (
  visit_id INT NOT NULL PRIMARY KEY,
  patient_id VARCHAR(20) NOT NULL,
  price DECIMAL(9, 2) NOT NULL,
  KEY visits_by_patient (patient_id, visit_id)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE notes (
  visit_id INT NOT NULL,
  number INT NOT NULL,
  text VARCHAR(50) NULL,
  PRIMARY KEY (visit_id, number),
  KEY notes_by_number (number, visit_id)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE referrals (
  referral_id INT NOT NULL PRIMARY KEY,
  patient_id VARCHAR(20) NULL,
  visit_id INT NULL,
  clinic_id INT NOT NULL,
  KEY referrals_by_clinic (clinic_id, referral_id),
  KEY referrals_by_patient (patient_id, referral_id)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
