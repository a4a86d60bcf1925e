"""Lung diseases that bring an adult into hospital."""

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.imaging import CLEAR_CHEST, Study

ADMISSIONS: tuple[Admission, ...] = (
    Admission(
        code="J18.9",
        names=("community acquired pneumonia", "{lobe} pneumonia"),
        service="Medicine",
        weight=9,
        ages=(24, 94),
        likely=("J44.9", "E11.9", "J45.909", "C34.90"),
        symptoms=("sputum", "fever", "dyspnea", "pleuritic pain", "chills", "fatigue"),
        negatives=("hemoptysis", "edema", "nausea", "diarrhea", "weight loss"),
        onset=("2 days", "3 days", "5 days", "1 week"),
        trigger=("a sick contact at home", "a preceding [upper respiratory infection|p]"),
        vitals={"temp": (100.8, 103.1), "hr": (98, 122), "rr": (20, 28), "spo2": (87, 93)},
        exam={
            "Lungs": (
                "[rhonchi|p] over the {lobe}",
                "[crackles|p] and [egophony|p] over the {lobe}",
            )
        },
        labs={"WBC": (12.4, 22.8), "Lactate": (1.1, 2.6), "CRP": (62, 240), "Na": (130, 137)},
        studies=(
            Study(
                "cxr",
                (
                    "there is a [{lobe} consolidation|p] with [air bronchograms|p]",
                    "a {size} [{side} parapneumonic effusion|p?] cannot be excluded",
                ),
                (
                    "[{lobe} consolidation|p], concerning for [pneumonia|p]",
                    "possible {size} [{side} pleural effusion|p?]",
                ),
            ),
        ),
        ruled_out=(("influenza", "respiratory viral panel"), ("legionella", "urine antigen")),
        concern=("aspiration", "post-obstructive pneumonia", "parapneumonic effusion"),
        course=(
            (
                "started on [ceftriaxone|t] and [azithromycin|t] in the ED",
                "treated empirically with [IV ceftriaxone|t] plus [doxycycline|t]",
                "received [vancomycin|t] and [cefepime|t], narrowed to [ceftriaxone|t]",
            ),
            (
                "[blood cultures|x] and [sputum culture|x] remained without growth",
                "[sputum Gram stain|x] was contaminated and [blood cultures|x] were negative",
            ),
            (
                "[fever|p] resolved and [supplemental O2|t] was weaned by day 3",
                "[leukocytosis|p] and [hypoxia|p] improved with [antibiotics|t]",
            ),
        ),
        complications=("delirium", "aki", "cdiff"),
        new_drugs=("levofloxacin=750 mg PO daily for 3 more days",),
        clinics=("Primary Care", "Pulmonology"),
        warnings=("fever", "dyspnea", "hemoptysis", "confusion"),
        stay=(2, 7),
    ),
    Admission(
        code="J44.1",
        names=("COPD exacerbation", "acute exacerbation of COPD"),
        service="Medicine",
        weight=8,
        ages=(50, 90),
        implies=("J44.9",),
        likely=("I10", "I25.10", "G47.30", "F41.9"),
        excludes=("J45.909", "J43.9"),
        symptoms=("dyspnea", "wheezing", "sputum", "exertional dyspnea", "fatigue"),
        negatives=("chest pain", "edema", "fever", "hemoptysis", "palpitations"),
        onset=("2 days", "3 days", "4 days"),
        trigger=("cold weather", "a recent [URI|p]", "running out of home [inhalers|t]"),
        vitals={"hr": (94, 118), "rr": (22, 30), "spo2": (83, 90)},
        exam={
            "Lungs": (
                "[diffuse expiratory wheezes|p], [prolonged expiratory phase|p]",
                "[poor air movement|p] with [wheezing|p] throughout",
            ),
            "Gen": ("speaking in short sentences, [accessory muscle use|p]",),
        },
        labs={"WBC": (8.2, 14.6), "HCO3": (28, 36), "pH": (7.28, 7.35)},
        studies=(
            Study(
                "cxr",
                (
                    "the lungs are [hyperinflated|p] with [flattening of the diaphragms|p]",
                    "there is no [focal consolidation|p-]",
                ),
                ("[hyperinflation|p] consistent with [COPD|p]", "no [pneumonia|p-]"),
            ),
        ),
        ruled_out=(("pneumonia", "chest x-ray"), ("pulmonary embolism", "CTA chest")),
        concern=("bacterial bronchitis", "pulmonary hypertension"),
        course=(
            (
                "received [methylprednisolone|t] 125 mg IV and [DuoNebs|t] in the ED",
                "treated with [prednisone|t] 40 mg, [azithromycin|t] and standing [nebulizers|t]",
            ),
            (
                "briefly required [BiPAP|t] for [hypercapnia|p]",
                "[venous blood gas|x] improved on [BiPAP|t], which was stopped after 12 h",
            ),
            (
                "[supplemental oxygen|t] weaned to room air by day 3",
                "ambulating with stable [oxygen saturation|x] prior to discharge",
            ),
        ),
        complications=("hyperglycemia", "thrush", "hypokalemia"),
        new_drugs=("prednisone=40 mg PO daily for 3 more days", "tiotropium", "albuterol"),
        stops=("steroid",),
        clinics=("Pulmonology", "Primary Care"),
        warnings=("dyspnea", "fever", "sputum", "confusion"),
        stay=(2, 7),
    ),
    Admission(
        code="J45.901",
        names=("asthma exacerbation", "acute asthma exacerbation"),
        service="Medicine",
        weight=4,
        ages=(19, 62),
        implies=("J45.909",),
        likely=("J30.9", "K21.9", "E66.9"),
        excludes=("J44.9", "J43.9"),
        symptoms=("wheezing", "dyspnea", "cough"),
        negatives=("fever", "hemoptysis", "edema", "chest pain", "rash"),
        onset=("1 day", "2 days", "3 days"),
        trigger=("seasonal pollen exposure", "a recent [URI|p]", "exposure to cat dander"),
        vitals={"hr": (102, 126), "rr": (22, 32), "spo2": (89, 94)},
        exam={
            "Lungs": ("[diffuse inspiratory and expiratory wheezes|p]", "[tight air movement|p]")
        },
        labs={"WBC": (7.8, 13.2), "pH": (7.36, 7.48)},
        studies=(CLEAR_CHEST,),
        ruled_out=(("pneumonia", "chest x-ray"), ("influenza", "respiratory viral panel")),
        concern=("vocal cord dysfunction", "allergic bronchopulmonary aspergillosis"),
        course=(
            (
                "given stacked [albuterol nebulizers|t], [ipratropium|t] and [IV magnesium|t]",
                "treated with [continuous albuterol|t] and [IV methylprednisolone|t]",
            ),
            (
                "[peak flow|x] improved from 180 to 340",
                "transitioned to [PO prednisone|t] as [wheezing|p] improved",
            ),
        ),
        complications=("hyperglycemia", "hypokalemia"),
        new_drugs=("prednisone=40 mg PO daily for 4 more days", "fluticasone", "albuterol"),
        stops=("beta blocker", "steroid", "inhaled steroid"),
        clinics=("Pulmonology", "Allergy"),
        warnings=("dyspnea", "wheezing", "fever"),
        stay=(1, 4),
    ),
    Admission(
        code="U07.1",
        names=("COVID-19 pneumonia", "COVID-19 with acute hypoxic respiratory failure"),
        service="Medicine",
        weight=4,
        ages=(30, 92),
        likely=("E11.9", "E66.9", "I10"),
        symptoms=("cough", "fever", "dyspnea", "myalgias", "fatigue"),
        negatives=("chest pain", "hemoptysis", "vomiting", "edema", "rash"),
        onset=("4 days", "6 days", "1 week"),
        trigger=("an exposure at work", "an infected household contact"),
        vitals={"temp": (100.4, 102.8), "hr": (92, 114), "rr": (20, 30), "spo2": (84, 91)},
        exam={
            "Lungs": ("[scattered bilateral crackles|p]", "[coarse breath sounds|p] bilaterally")
        },
        labs={"WBC": (3.4, 7.2), "CRP": (48, 180), "D-Dimer": (420, 1800)},
        studies=(
            Study(
                "cxr",
                ("there are [patchy bilateral opacities|p] with peripheral predominance",),
                ("[multifocal pneumonia|p], compatible with [COVID-19|p]",),
            ),
        ),
        ruled_out=(("pulmonary embolism", "CTA chest"), ("influenza", "respiratory viral panel")),
        concern=("bacterial superinfection", "cytokine storm"),
        course=(
            (
                "[SARS-CoV-2 PCR|x] was positive; received [remdesivir|t] for 5 days",
                "treated with [dexamethasone|t] 6 mg daily and [remdesivir|t]",
            ),
            (
                "required up to 4 L [nasal cannula|t], weaned to room air",
                "peaked at 40% [high flow nasal cannula|t] and improved",
            ),
        ),
        complications=("hyperglycemia", "delirium"),
        new_drugs=("dexamethasone=6 mg PO daily for 4 more days",),
        stops=("steroid",),
        clinics=("Primary Care", "Pulmonology"),
        warnings=("dyspnea", "fever", "confusion"),
        stay=(5, 11),
    ),
)
