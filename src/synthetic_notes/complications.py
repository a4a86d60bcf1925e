"""What can go wrong on the ward."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Complication:
    """A problem that arises in hospital.

    names: wordings of the heading; course: alternative sentences; excludes: catalogue codes of
    comorbidities that make it unlikely or ill-defined.
    """

    names: tuple[str, ...]
    course: tuple[str, ...]
    excludes: tuple[str, ...] = ()


COMPLICATIONS: dict[str, Complication] = {
    "aki": Complication(
        ("acute kidney injury", "AKI"),
        (
            "[creatinine|x] rose, likely [prerenal azotemia|p?], and improved with [IV fluids|t]",
            "[Cr|x] rose transiently; [nephrotoxins|t-] were held and it recovered to baseline",
            "thought to be hemodynamic; [urine lytes|x] consistent with [prerenal state|p?]",
        ),
    ),
    "hypokalemia": Complication(
        ("hypokalemia",),
        (
            "repleted with [potassium chloride|t], [K|x] improved",
            "required daily [KCl|t] repletion; [magnesium|x] was normal",
        ),
    ),
    "hyperkalemia": Complication(
        ("mild hyperkalemia", "hyperkalemia"),
        (
            "[EKG|x] without [peaked T waves|p-]; resolved after [kayexalate|t]",
            "managed with a [low potassium diet|t]; [potassium|x] downtrended",
        ),
    ),
    "delirium": Complication(
        ("delirium", "hospital acquired delirium"),
        (
            "worse at night; managed with [reorientation|t] and [melatonin|t], [CT head|x] was "
            "not needed",
            "[infectious workup|x] was unrevealing; cleared with [sleep hygiene|t]",
        ),
        ("G30.9", "F01.50", "G31.83", "F03.90"),
    ),
    "anemia": Complication(
        ("normocytic anemia", "anemia of chronic inflammation"),
        (
            "[Hgb|x] stable, no signs of [bleeding|p-]; [iron studies|x>] to be sent as outpatient",
            "no [transfusion|t-] required; [hemoglobin|x] remained stable",
        ),
        ("D64.9", "D50.9"),
    ),
    "hyperglycemia": Complication(
        ("steroid-induced hyperglycemia", "hyperglycemia"),
        (
            "managed with [insulin sliding scale|t]; [fingersticks|x] improved",
            "covered with [sliding scale insulin|t] while inpatient",
        ),
        ("E11.9", "E10.9"),
    ),
    "thrush": Complication(
        ("oral thrush",),
        ("treated with [nystatin swish and swallow|t]", "improved on [nystatin|t]"),
    ),
    "retention": Complication(
        ("urinary retention",),
        (
            "[bladder scan|x] showed 600 mL; [straight catheterization|t] x1, then voided freely",
            "[Foley catheter|t] placed and removed after a successful [voiding trial|x]",
        ),
    ),
    "constipation": Complication(
        ("constipation",),
        ("resolved with [senna|t] and [Miralax|t]", "treated with an aggressive [bowel regimen|t]"),
    ),
    "hypotension": Complication(
        ("asymptomatic hypotension", "hypotension"),
        (
            "responded to a 500 mL [fluid bolus|t]",
            "[orthostatics|x] were negative; resolved without intervention",
        ),
    ),
    "hematoma": Complication(
        ("access site hematoma", "small groin hematoma"),
        ("remained soft; [hematocrit|x] stable", "[ultrasound|x] without [pseudoaneurysm|p-]"),
    ),
    "ileus": Complication(
        ("postoperative ileus", "ileus"),
        (
            "managed with [bowel rest|t] and [NG decompression|t]",
            "[KUB|x] with mildly [dilated loops|p]; resolved with ambulation",
        ),
    ),
    "cdiff": Complication(
        ("loose stools",),
        (
            "[C. diff PCR|x] was negative for [C. difficile infection|p-]",
            "likely [antibiotic|t]-associated; [stool studies|x] were negative",
        ),
    ),
}
