"""What is true of a generated patient is physiologically and in time consistent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from synthetic_notes import generate_notes
from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.facts import Facts, draw_facts
from synthetic_notes.holdout import random_stream
from synthetic_notes.lexicon import CHRONIC_LABS, LABS

# what a disease does to the blood: "+" above the reference range on arrival, "-" below
DIRECTIONS = {
    **{"E10.10": {"Glucose": "+", "HCO3": "-", "pH": "-", "BetaHydr": "+", "Na": "-"}},
    **{"E87.1": {"Na": "-", "Osmolal": "-"}, "N17.9": {"Creat": "+", "UreaN": "+", "HCO3": "-"}},
    **{"K26.4": {"Hgb": "-", "UreaN": "+"}, "K85.90": {"Lipase": "+"}, "I21.4": {"cTropnT": "+"}},
    **{"I26.99": {"D-Dimer": "+"}, "J18.9": {"WBC": "+", "CRP": "+"}, "I50.23": {"proBNP": "+"}},
    **{"A41.51": {"WBC": "+", "Lactate": "+"}, "A04.72": {"WBC": "+", "K": ""}},
    **{"K70.31": {"TotBili": "+", "INR(PT)": "+", "Plt Ct": "-", "Albumin": "-", "Na": "-"}},
    **{"S72.002A": {"Hgb": "-"}, "J44.1": {"pH": ""}, "L03.116": {"CRP": "+", "WBC": "+"}},
}
# values that a patient can survive, per test
SURVIVABLE = {"K": (2.5, 6.5), "Na": (110, 150), "Creat": (0.4, 7), "Hgb": (6, 18), "pH": (7, 7.5)}


@pytest.fixture(scope="module")
def patients() -> list[Facts]:
    return [
        draw_facts(random_stream(7, patient, "facts", held_out=patient % 2 == 0))
        for patient in range(1200)
    ]


def reference(name: str, sex: str) -> tuple[float, float]:
    _, _, low, high, _ = LABS[name]
    return (13.7, 17.5) if name == "Hgb" and sex == "M" else (low, high)


def test_every_reason_for_admission_is_drawn(patients):
    assert {facts.admission.code for facts in patients} == {a.code for a in ADMISSIONS}


def test_laboratory_values_of_a_disease_point_the_right_way(patients):
    seen = set()
    for facts in patients:
        values = {lab.name: float(lab.value) for lab in facts.labs}
        for name, sign in DIRECTIONS.get(facts.admission.code, {}).items():
            low, high = LABS[name][2:4]
            seen.add((facts.admission.code, name))
            if sign:
                assert values[name] > high if sign == "+" else values[name] < low, (
                    facts.admission.code,
                    name,
                    values[name],
                )
    assert seen == {(code, name) for code, names in DIRECTIONS.items() for name in names}


def test_values_are_those_that_the_disease_declares(patients):
    for facts in patients:
        for lab in facts.labs:
            decimals = LABS[lab.name][4]
            assert re.fullmatch(rf"\d+\.\d{{{decimals}}}" if decimals else r"\d+", lab.value)
            if lab.name in facts.admission.labs:
                low, high = facts.admission.labs[lab.name]
                slack = 10**-decimals
                assert low - slack <= float(lab.value) <= high + slack


def test_a_value_is_starred_if_and_only_if_it_is_out_of_range(patients):
    for facts in patients:
        for lab in (*facts.labs, *facts.last_labs):
            low, high = reference(lab.name, facts.sex)
            assert lab.abnormal == (not low <= float(lab.value) <= high), (facts.sex, lab)


def test_values_can_be_survived_and_the_anion_gap_adds_up(patients):
    for facts in patients:
        for labs in (facts.labs, facts.last_labs):
            values = {lab.name: float(lab.value) for lab in labs}
            for name, (low, high) in SURVIVABLE.items():
                assert low <= values.get(name, low) <= high, (facts.admission.code, name)
            gap = values["Na"] - values["Cl"] - values["HCO3"]
            wide = "BetaHydr" in values and labs is facts.labs
            assert 20 <= gap <= 28 if wide else 8 <= gap <= 14, (facts.admission.code, gap)


def test_what_the_stay_treats_is_no_further_from_normal_at_its_end(patients):
    def off(value: float, bounds: tuple[float, float]) -> float:
        return max(bounds[0] - value, value - bounds[1], 0)

    for facts in patients:
        last = {lab.name: float(lab.value) for lab in facts.last_labs}
        goals = {}
        for disease in facts.comorbidities:
            goals |= CHRONIC_LABS.get(disease.code, {})
        for lab in facts.labs:
            if lab.name in facts.admission.labs and lab.name in last:
                goal = goals.get(lab.name, reference(lab.name, facts.sex))
                step = 10 ** -LABS[lab.name][4]
                assert off(last[lab.name], goal) <= off(float(lab.value), goal) + step, lab


def test_chronic_diseases_show_in_the_blood(patients):
    found = 0
    for facts in patients:
        values = {lab.name: float(lab.value) for lab in facts.labs}
        if facts.has("E11.9") and "Glucose" not in facts.admission.labs:
            assert values["Glucose"] > 105
            found += 1
        if facts.has("N18.9") and "Creat" not in facts.admission.labs:
            assert values["Creat"] > 1.1
            found += 1
    assert found > 100


def test_vital_signs_belong_to_a_living_adult(patients):
    for facts in patients:
        for vitals in (facts.arrival_vitals, facts.discharge_vitals):
            assert 95 <= vitals.temp <= 106 and 40 <= vitals.hr <= 180 and 8 <= vitals.rr <= 40
            assert 80 <= vitals.spo2 <= 100 and 70 <= vitals.sbp <= 220
            assert 25 <= vitals.sbp - vitals.dbp
        calm = facts.discharge_vitals
        assert calm.temp < 99 and calm.hr <= 90 and calm.spo2 >= 95
        if "fever" in facts.symptoms[:2]:
            assert facts.arrival_vitals.temp > 99


def test_time_runs_forward(patients):
    for facts in patients:
        first, last = facts.admission.stay.days
        assert first <= (facts.discharged - facts.admitted).days <= last
        for study in facts.imaging:
            assert facts.admitted <= study.day <= facts.admitted + timedelta(days=1)
            assert study.prior is None or study.prior < facts.admitted
        for surgery in facts.surgeries:
            assert 0 < surgery.years_ago < facts.age
        for relative in facts.family:
            assert relative.age is None or 40 <= relative.age <= 80


def test_an_order_has_a_strength_with_its_unit_a_route_and_a_frequency(patients):
    strength = r"([\d.]+ (mg|mcg|g|mL|units|puffs|tab|drop|drops|mg/mL)|sliding scale)"
    order = re.compile(strength + r" (PO|SC|INH|SL|IV|OU) \S.*")
    for facts in patients:
        for drug in (*facts.home_drugs, *facts.discharge_drugs):
            assert order.fullmatch(drug.order), (drug.name, drug.order)


def test_units_stand_with_values_in_prose_and_are_those_of_the_test():
    units = {unit for _, unit, *_ in LABS.values() if unit and unit != "%"}
    found = set()
    for note in generate_notes(120, 8, lambda who: "train"):
        for words, unit, *_ in LABS.values():
            for word in words:
                for match in re.finditer(
                    rf"(?<![\w-]){re.escape(word)} (?:was )?[\d.]+ ([A-Za-z]+/[A-Za-z]+)", note.text
                ):
                    assert match.group(1) == unit, (note.note_id, match.group())
                    found.add(unit)
    assert len(found) >= 0.7 * len(units)
