"""Heart and vessel diseases that bring an adult into hospital."""

from __future__ import annotations

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.imaging import CLEAR_CHEST, Study

ADMISSIONS: tuple[Admission, ...] = (
    Admission(
        code="I50.23",
        names=("acute on chronic systolic heart failure", "acute decompensated heart failure"),
        service="Cardiology",
        weight=9,
        ages=(52, 92),
        implies=("I50.9",),
        likely=("I25.10", "I10", "N18.9", "I48.91", "E11.9"),
        symptoms=("dyspnea", "edema", "orthopnea", "exertional dyspnea", "pnd", "weight gain"),
        negatives=("chest pain", "palpitations", "fever", "syncope", "cough"),
        onset=("4 days", "1 week", "10 days", "2 weeks"),
        context=("dietary indiscretion", "missed doses of home [diuretics|t]", "high salt intake"),
        vitals={"hr": (92, 118), "rr": (20, 28), "spo2": (86, 92), "sbp": (142, 182)},
        exam={
            "Neck": ("[JVP elevated|p] to the angle of the jaw", "[elevated JVP|p] at 14 cm"),
            "Lungs": (
                "[bibasilar crackles|p], no [wheezes|p-]",
                "[crackles|p] to the mid lung fields",
            ),
            "Ext": ("warm, [2+ pitting edema|p] to the knees", "[3+ pitting edema|p] to the shins"),
        },
        labs={
            "proBNP": (3200, 21000),
            "cTropnT": (0.01, 0.04),
            "Creat": (1.2, 1.9),
            "Na": (129, 136),
        },
        studies=(
            Study(
                "cxr",
                (
                    "there is [moderate cardiomegaly|p]",
                    "[pulmonary vascular congestion|p] with [interstitial edema|p] is present",
                    "{size} [bilateral pleural effusions|p] are seen",
                ),
                ("[moderate pulmonary edema|p]", "{size} [bilateral pleural effusions|p]"),
            ),
            Study(
                "tte",
                ("the left ventricle is [dilated|p] with [global hypokinesis|p], [LVEF|x] {ef}%",),
                (
                    "[left ventricular systolic dysfunction|p], [LVEF|x] {ef}%",
                    "[moderate mitral regurgitation|p]",
                ),
            ),
        ),
        ruled_out=(("acute coronary syndrome", "troponin trend"), ("pneumonia", "chest x-ray")),
        concern=("ischemic cardiomyopathy", "cardiorenal syndrome"),
        course=(
            (
                "diuresed with [IV furosemide|t] 80 mg BID with net negative {large_liters} L",
                "started on a [furosemide drip|t] with good urine output",
                "given [furosemide|t] 120 mg IV in the ED then BID, net negative {large_liters} L",
            ),
            (
                "transitioned to [PO torsemide|t] once euvolemic",
                "switched to [oral diuretics|t] 24 h prior to discharge",
            ),
            ("[supplemental oxygen|t] weaned to room air", "weaned off [O2|t] by hospital day 3"),
        ),
        complications=("aki", "hypokalemia", "hyperkalemia"),
        new_drugs=("torsemide", "spironolactone"),
        stops=("NSAID", "loop", "calcium blocker"),
        clinics=("Cardiology", "Primary Care"),
        warnings=("weight gain", "dyspnea", "edema", "chest pain"),
        stay=(3, 9),
    ),
    Admission(
        code="I21.4",
        sudden=True,
        names=("NSTEMI", "non-ST elevation myocardial infarction"),
        service="Cardiology",
        weight=6,
        ages=(45, 88),
        implies=(),
        likely=("I10", "E78.5", "E11.9"),
        excludes=("I20.9",),
        symptoms=("chest pressure", "diaphoresis", "nausea", "dyspnea"),
        negatives=("palpitations", "syncope", "fever", "abdominal pain", "orthopnea"),
        onset=("2 hours", "6 hours", "1 day"),
        context=("exertion", "shoveling snow", "emotional stress"),
        vitals={"hr": (84, 108), "sbp": (138, 172), "spo2": (94, 98)},
        exam={"CV": ("RRR, no [murmurs|p-]", "RRR, [S4 gallop|p], no [rubs|p-]")},
        labs={"cTropnT": (0.18, 2.4), "Glucose": (110, 190), "proBNP": (250, 1900)},
        studies=(
            CLEAR_CHEST,
            Study(
                "tte",
                ("there is [inferior wall hypokinesis|p], [LVEF|x] {ef_ok}%",),
                ("[regional wall motion abnormality|p], [LVEF|x] {ef_ok}%",),
            ),
        ),
        ruled_out=(("pulmonary embolism", "CTA chest"), ("aortic dissection", "CTA chest")),
        concern=("stress cardiomyopathy", "type 2 MI"),
        course=(
            (
                "loaded with [aspirin|t] 325 mg and started on a [heparin gtt|t]",
                "received [full dose aspirin|t], [IV heparin|t] and [high dose atorvastatin|t]",
            ),
            (
                "[EKG|x] showed [ST depressions|p] in the lateral leads",
                "[ECG|x] with [T wave inversions|p] in V4-V6",
            ),
            (
                "[cardiac catheterization|x] revealed [{stenosis}% stenosis of the mid LAD|p], "
                "treated with a [drug-eluting stent|t]",
                "underwent [coronary angiography|x], which showed [{stenosis}% RCA stenosis|p]; a "
                "[DES|t] was placed",
            ),
            ("remained free of [chest pain|p-] afterwards", "no recurrent [angina|p-]"),
        ),
        procedures=("[cardiac catheterization|x] with [drug-eluting stent placement|t]",),
        complications=("hematoma", "aki", "hypokalemia"),
        new_drugs=("aspirin", "clopidogrel", "atorvastatin=80 mg PO QHS", "metoprolol succinate"),
        stops=("NSAID", "statin", "beta blocker"),
        clinics=("Cardiology", "Primary Care"),
        warnings=("chest pressure", "dyspnea", "bleeding", "lightheadedness"),
        stay=(2, 6),
    ),
    Admission(
        code="I48.91",
        names=("atrial fibrillation with RVR", "AF with rapid ventricular response"),
        service="Cardiology",
        weight=6,
        ages=(50, 92),
        implies=("I48.91",),
        likely=("I10", "G47.30"),
        excludes=("E05.90",),
        symptoms=("palpitations", "lightheadedness", "fatigue", "exertional dyspnea"),
        negatives=("chest pain", "syncope", "fever", "edema", "cough"),
        onset=("1 day", "2 days", "12 hours"),
        context=("a recent [viral illness|p]", "poor sleep", "heavy alcohol intake"),
        vitals={"hr": (128, 162), "sbp": (98, 136), "spo2": (94, 98)},
        exam={
            "CV": ("[tachycardic|p], [irregularly irregular rhythm|p]", "[irregular tachycardia|p]")
        },
        labs={"cTropnT": (0.0, 0.03), "K": (3.2, 3.8), "proBNP": (400, 2600)},
        studies=(
            CLEAR_CHEST,
            Study(
                "tte",
                ("there is [left atrial enlargement|p], [LVEF|x] {ef_ok}%",),
                ("[left atrial enlargement|p]; no [intracardiac thrombus|p-]",),
            ),
        ),
        ruled_out=(("hyperthyroidism", "TSH"), ("pulmonary embolism", "CTA chest")),
        concern=("tachycardia-mediated cardiomyopathy", "underlying sleep-disordered breathing"),
        course=(
            (
                "received [IV diltiazem|t] boluses in the ED, then a [diltiazem drip|t]",
                "rate controlled with [IV metoprolol|t] 5 mg x3",
            ),
            (
                "[telemetry|x] showed rates in the 80s after [PO metoprolol|t] was uptitrated",
                "converted to sinus rhythm on [telemetry|x] on hospital day 2",
            ),
            (
                "[CHA2DS2-VASc score|x] was 3 and [apixaban|t] was prescribed",
                "discharged on [apixaban|t] for [stroke|p>] prevention",
            ),
        ),
        complications=("hypotension", "hypokalemia"),
        new_drugs=("metoprolol succinate=100 mg PO daily", "apixaban"),
        stops=("NSAID", "beta blocker", "calcium blocker", "anticoagulant"),
        clinics=("Cardiology", "Electrophysiology"),
        warnings=("palpitations", "syncope", "bleeding", "chest pain"),
        stay=(1, 5),
    ),
    Admission(
        code="I26.99",
        sudden=True,
        names=("acute pulmonary embolism", "submassive pulmonary embolism"),
        service="Medicine",
        weight=6,
        ages=(26, 88),
        likely=("E66.9", "C50.919", "C61"),
        excludes=("I48.91",),
        symptoms=("dyspnea", "pleuritic pain", "palpitations", "calf pain"),
        negatives=("hemoptysis", "fever", "syncope", "cough", "abdominal pain"),
        onset=("1 day", "2 days", "3 days"),
        context=("a long-haul flight", "recent immobility", "[recent knee surgery|t]"),
        vitals={"hr": (104, 132), "rr": (20, 28), "spo2": (87, 93)},
        exam={
            "CV": ("[tachycardic|p], regular, no [murmurs|p-]",),
            "Ext": ("[{side} calf tenderness|p], no [erythema|p-]", "no [calf tenderness|p-]"),
        },
        labs={"D-Dimer": (1450, 8200), "cTropnT": (0.01, 0.09), "proBNP": (180, 2900)},
        studies=(
            Study(
                "cta chest",
                (
                    "there are [filling defects|p] in the {side} lower lobe segmental arteries",
                    "no [right heart strain|p-] is seen",
                    "a [wedge-shaped opacity|p] may represent [pulmonary infarct|p?]",
                ),
                (
                    "[acute {side} segmental pulmonary emboli|p]",
                    "no [right heart strain|p-]",
                    "possible [{side} lower lobe infarct|p?]",
                ),
            ),
            Study(
                "leg us",
                ("there is [occlusive thrombus|p] in the {side} popliteal vein",),
                ("[{side} popliteal deep vein thrombosis|p]",),
            ),
        ),
        ruled_out=(("acute coronary syndrome", "troponin trend"), ("pneumonia", "CTA chest")),
        concern=("occult malignancy", "underlying thrombophilia"),
        course=(
            (
                "started on a [heparin gtt|t] in the ED",
                "anticoagulated with [enoxaparin|t] 1 mg/kg BID",
            ),
            (
                "[TTE|x] showed no [right ventricular dysfunction|p-]",
                "[thrombolysis|t-] was not indicated given stable hemodynamics",
            ),
            ("transitioned to [apixaban|t] prior to discharge", "bridged to [apixaban|t]"),
        ),
        complications=("constipation", "hypokalemia"),
        new_drugs=("apixaban=10 mg PO BID for 7 days, then 5 mg BID",),
        stops=("NSAID", "anticoagulant"),
        clinics=("Hematology", "Primary Care"),
        warnings=("dyspnea", "hemoptysis", "bleeding", "syncope"),
        stay=(2, 6),
    ),
    Admission(
        code="I82.409",
        names=("acute {side} lower extremity DVT", "{side} femoral deep vein thrombosis"),
        service="Medicine",
        weight=3,
        ages=(28, 86),
        likely=("E66.9", "C18.9"),
        excludes=("I48.91",),
        symptoms=("leg swelling", "leg pain"),
        negatives=("dyspnea", "chest pain", "fever", "hemoptysis", "syncope"),
        onset=("2 days", "4 days", "1 week"),
        context=("a long car trip", "recent immobility", "[recent ankle surgery|t]"),
        vitals={"hr": (78, 98)},
        exam={"Ext": ("[{side} calf swelling|p] with [tenderness|p]", "[{side} leg edema|p]")},
        labs={"D-Dimer": (980, 6400)},
        studies=(
            Study(
                "leg us",
                (
                    "there is [noncompressible thrombus|p] from the {side} common femoral "
                    "to the popliteal vein",
                ),
                ("[acute {side} femoropopliteal deep vein thrombosis|p]",),
            ),
            CLEAR_CHEST,
        ),
        ruled_out=(("pulmonary embolism", "CTA chest"), ("cellulitis", "physical exam")),
        concern=("May-Thurner syndrome", "occult malignancy"),
        course=(
            ("started on a [heparin drip|t]", "treated with [therapeutic enoxaparin|t]"),
            (
                "[IVC filter|t-] was not indicated",
                "[hypercoagulability workup|x>] deferred to outpatient",
            ),
            ("transitioned to [rivaroxaban|t]", "discharged on [rivaroxaban|t]"),
        ),
        complications=("hematoma", "constipation"),
        new_drugs=("rivaroxaban=15 mg PO BID for 21 days, then 20 mg daily",),
        stops=("NSAID", "anticoagulant"),
        clinics=("Vascular Medicine", "Primary Care"),
        warnings=("dyspnea", "chest pain", "bleeding", "leg swelling"),
        stay=(1, 5),
    ),
)
