"""Doctors whose names some collation takes for one, and rows that lead to nothing."""

from __future__ import annotations

from decimal import Decimal

from tests.domains.database import Tables

DOCTORS = ("ANN", "ann", "Änn", "ANN ", "7", "", None, "Bo")


def clinic_rows() -> Tables:
    """Every doctor has a patient in each of three clinics; the rest follows from that."""
    clinics = [{"clinic_id": number, "city": city} for number, city in enumerate(("B", "K", "S"))]
    patients = [
        {
            "patient_id": f"p{number}-{clinic}",
            "clinic_id": clinic,
            "doctor": doctor,
            "born": 1950 + 7 * number + clinic,
        }
        for clinic in (0, 1, 2, 7)  # the last of no clinic
        for number, doctor in enumerate(DOCTORS)
    ]
    names = [*(str(row["patient_id"]) for row in patients), "gone"]
    visits = [
        {"visit_id": number, "patient_id": names[number % len(names)], "price": Decimal(number)}
        for number in range(1, 60)
    ]
    notes = [
        {"visit_id": visit, "number": number, "text": f"{visit}/{number}"}
        for visit in range(1, 63)
        for number in range(visit % 4)
    ]
    referrals = [
        {
            "referral_id": number,
            "patient_id": None if number % 7 == 0 else names[(number * 5) % len(names)],
            "visit_id": None if number % 5 == 0 else number * 3,
            "clinic_id": number % 3,
        }
        for number in range(1, 25)
    ]
    return {
        "clinics": clinics,
        "patients": patients,
        "visits": visits,
        "notes": notes,
        "referrals": referrals,
    }
