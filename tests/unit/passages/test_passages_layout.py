"""Headers, tables and medication lists are recognised, and treated as the study declares."""

import pytest

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.text.layout import read_layout
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

LABS = (
    "2187-06-16 05:46AM BLOOD WBC-10.3 Hgb-12.1 Plt Ct-367\n"
    "2187-06-16 05:46AM BLOOD Na-144 K-4.4 Cl-105\n"
    "2187-06-21 08:44AM BLOOD WBC-9.1 Hgb-12.0 Plt Ct-370\n"
)
DRUGS = (
    "1. Aspirin 81 mg PO daily\n"
    "2. Furosemide 40 mg Tablet Sig: One (1) Tablet PO BID\n"
    "   (2 times a day).\n"
    "3. Acetaminophen 650 mg PO Q6H PRN\n"
)
NOTE = (
    "Course:\nThe patient was stable. No pain was noted today.\n\n"
    f"ADMISSION LABS:\n{LABS}\n"
    f"Discharge Medications:\n{DRUGS}\n"
    "Plan:\nThe patient goes home. The pain is treated with aspirin.\n"
)


@pytest.fixture(scope="module")
def cut(bpe):
    def stretches(text, room, least=8, **policies):
        spec = PassagesSpec(max_tokens=room, min_tokens=least, **policies)
        return PassageCutter(bpe, spec).stretches([text])[0]

    return stretches


def blocks(text):
    return [(text[start:end], kind) for start, end, kind in read_layout(text).blocks]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Brief Hospital Course:\nStable.\n", ["Brief Hospital Course"]),
        ("Past medical history:\r\nNone.\r\n", ["Past medical history"]),
        ("Major Surgical or Invasive Procedure:\nNone\n", ["Major Surgical or Invasive Procedure"]),
        ("  FINAL REPORT\n FINDINGS: Normal.\n IMPRESSION: Normal.\n", 3),
        ("HISTORY OF PRESENT ILLNESS\n\nShe fell.\n\nPLAN\nRest.\n", 2),
        ("## Assessment:\nGood.\n\n**Plan:**\nRest.\n", ["Assessment", "Plan"]),
        ("Pertinent Results:\nADMISSION LABS\nWBC 10.3\n", ["Pertinent Results", "ADMISSION LABS"]),
        ("Service: MEDICINE\nSex: F\n", []),
        ("Service:\nMEDICINE\n\nAllergies:\nNKDA\n", ["Service", "Allergies"]),
        ("She was told the following:\n- rest\n", []),
        ("In the ED, initial vitals were:\n98.5\n", []),
        ("Gen: NAD\nCV: RRR\nHEENT: clear\n", []),
        ("SINUS RHYTHM WITH\nLEFT AXIS DEVIATION\nNORMAL INTERVALS\n", ["NORMAL INTERVALS"][:0]),
        ("no header\nat all: none\n", []),
    ],
)
def test_section_headers(text, names):
    found = read_layout(text).names
    assert (len(found) if isinstance(names, int) else found) == names


@pytest.mark.parametrize(
    "table",
    [
        LABS,
        "Test | Result | Unit\nNa | 135 | mmol/L\nK | 4.1 | mmol/L\n",
        "Na\t135\tmmol/L\nK\t4.1\tmmol/L\n",
        "Test      Result    Range\nSodium    135       133-145\nPotassium 4.1       3.3-5.1\n",
        "Hemoglobin 12.1 g/dL 12.0-16.0\nWBC 10.3 K/uL (H)\nHematocrit: 35 %\n",
        "Na 135 K 4.1 Cl 100\nWBC 9.1 Hgb 12.1 Plt 300\n",
        "[**2187-6-16**] 05:46AM BLOOD Glucose-166* UreaN-7\n[**2187-6-17**] 06:00AM BLOOD K-4\n",
    ],
)
def test_tables_of_results(table):
    text = f"Course:\nShe was well.\n\n{table}\nHome tomorrow.\n"
    assert blocks(text) == [(table + "\n", "table")]


@pytest.mark.parametrize(
    "drugs",
    [
        f"Discharge Medications:\n{DRUGS}",
        "MEDICATIONS\nAspirin 81 mg daily\nMetoprolol 25 mg twice a day\n",
        "Medications on Admission:\nlisinopril 10 mg po qd\n",
        "- Aspirin 81mg PO daily\n- Heparin 5,000 units SC TID\n",
        "Home Meds:\n* insulin glargine 22 units SC QHS\n* multivitamin\n* senna PO BID PRN\n",
    ],
)
def test_medication_lists(drugs):
    text = f"Course:\nShe was well.\n\n{drugs}\nHome tomorrow.\n"
    ((found, kind),) = blocks(text)
    assert kind == "medication_list"
    lines = drugs.splitlines(keepends=True)
    assert found == "".join(lines[lines[0].strip()[-1] in ":S" :]) + "\n"


@pytest.mark.parametrize(
    "prose",
    [
        "She was given aspirin 81 mg.\nThen furosemide 40 mg IV was started at\nnoon.\n",
        "Vitals: T 98.5, HR 105, BP 138/69, RR 22\nThen T 98.1, HR 90, BP 120/70, RR 18\n",
        "He fell.  He got up.  He fell again.\nHe slept.  He woke.  He ate.\n",
        "1. Chest pain\n2. Hypertension\n3. COPD\n",
        "Medications on Admission:\nNone.\n",
    ],
)
def test_prose_is_neither_a_table_nor_a_medication_list(prose):
    assert blocks(prose) == []


def test_kept_tables_and_lists_are_whole_where_they_fit(cut, bpe):
    whole = [f"ADMISSION LABS:\n{LABS}", f"Discharge Medications:\n{DRUGS}"]
    least = max(count_tokens(load_tokenizer(bpe), [part + "\n" for part in whole]))
    for room in range(least, least + 120, 7):
        texts = [NOTE[part.start : part.end] for part in cut(NOTE, room)]
        for part in whole:
            assert sum(part in text for text in texts) == 1, (room, part)


def test_a_table_that_does_not_fit_is_cut_between_its_rows_and_names_its_section(cut, bpe):
    rows = "".join(f"Na 135 K 4.{at} Cl 10{at} CO2 2{at}\n" for at in range(9)) * 3
    text = f"The pain was treated. No pain today.\n\nPERTINENT RESULTS:\n{rows}"
    for room in (50, 70, 90):
        first, *rest = cut(text, room)
        assert [part.reason for part in rest] == [None] * len(rest)
        assert {part.section for part in rest} == {"PERTINENT RESULTS"}
        assert {text[part.start - 1] for part in rest} == {"\n"}
        assert all(text[part.start : part.start + 2] in ("Na", "PE") for part in rest)


def test_a_medication_list_that_does_not_fit_is_cut_between_its_items(cut):
    text = "Discharge Medications:\n" + DRUGS * 9
    for room in (80, 100, 130):
        _, *rest = cut(text, room)
        assert all(text[part.start].isdigit() for part in rest), room


@pytest.mark.parametrize(
    ("policy", "skipped"),
    [
        ({}, {}),
        ({"tables": "skip"}, {"table": LABS + "\n"}),
        ({"medication_lists": "skip"}, {"medication_list": DRUGS + "\n"}),
        (
            {"tables": "skip", "medication_lists": "skip"},
            {"table": LABS + "\n", "medication_list": DRUGS + "\n"},
        ),
    ],
)
def test_what_the_policy_skips_is_listed_with_its_reason(cut, policy, skipped):
    parts = cut(NOTE, 70, 1, **policy)
    reasons = {p.reason: NOTE[p.start : p.end] for p in parts if p.reason}
    assert reasons == skipped
    assert "".join(NOTE[part.start : part.end] for part in parts) == NOTE


def test_a_passage_names_the_section_under_which_it_starts(cut, bpe):
    parts = cut("Chest pain since Monday, seen today.\n\n" + NOTE, 60)
    counted = count_tokens(load_tokenizer(bpe), [NOTE])[0]
    assert len(parts) > counted // 60
    for part in parts:
        headers = ["Course", "ADMISSION LABS", "Discharge Medications", "Plan"]
        text = "Chest pain since Monday, seen today.\n\n" + NOTE
        seen = [name for name in headers if text.index(f"{name}:\n") <= part.start]
        assert part.section == (seen[-1] if seen else "")
