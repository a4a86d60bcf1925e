"""Imaging examinations: headings, techniques, normal statements and incidental findings.

Sentences are markup; slots such as {side} or {lobe} are filled from a patient's facts.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Modality:
    """One kind of imaging examination.

    heading: what a radiology report prints after EXAMINATION.
    names: what the wards call it.
    techniques: complete sentences.
    normals: (pattern, sentence); a sentence is left out when a finding matches its pattern.
    incidentals: (finding, impression) that mean no acute disease.
    """

    heading: str
    names: tuple[str, ...]
    techniques: tuple[str, ...]
    normals: tuple[tuple[str, str], ...]
    incidentals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Study:
    """What one examination shows in one disease: findings and impressions, most important first."""

    modality: str
    findings: tuple[str, ...]
    impressions: tuple[str, ...]


_LUNG_INCIDENTALS = (
    (
        "there is a {nodule} mm [nodule|p] in the {other} upper lobe",
        "{nodule} mm [{other} upper lobe nodule|p]; [CT chest|x>] in 12 months is suggested",
    ),
    (
        "mild [degenerative changes|p] of the thoracic spine are noted",
        "mild [degenerative changes of the thoracic spine|p]",
    ),
)
_ABDOMEN_INCIDENTALS = (
    (
        "a {cyst} cm [simple cyst|p] is seen in the {side} kidney",
        "{cyst} cm [simple renal cyst|p], benign",
    ),
    (
        "there is [colonic diverticulosis|p] without [diverticulitis|p-]",
        "[colonic diverticulosis|p]",
    ),
)

MODALITIES: dict[str, Modality] = {
    "cxr": Modality(
        "CHEST (PORTABLE AP)",
        ("chest x-ray", "CXR", "chest radiograph"),
        (
            "Single portable AP [chest radiograph|x] was obtained.",
            "Portable upright AP [view of the chest|x].",
            "A single frontal [chest radiograph|x] was acquired at the bedside.",
        ),
        (
            ("effusion", "There is no [pleural effusion|p-]."),
            ("pneumothorax", "No [pneumothorax|p-] is seen."),
            ("consolidation|opacit", "There is no [focal consolidation|p-]."),
            ("edema", "There is no overt [pulmonary edema|p-]."),
            ("cardiomegaly", "The cardiomediastinal silhouette is within normal limits."),
            ("fracture", "No displaced [rib fracture|p-] is identified."),
            ("hilar", "The hilar contours are unremarkable."),
        ),
        _LUNG_INCIDENTALS,
    ),
    "cta chest": Modality(
        "CTA CHEST WITH CONTRAST",
        ("CTA chest", "CT angiogram of the chest"),
        (
            "Axial [MDCT images of the chest|x] were acquired after [IV contrast|t] in the "
            "arterial phase, with coronal and sagittal reformats.",
            "[CT angiography of the chest|x] was performed with [IV contrast|t].",
        ),
        (
            ("aortic", "There is no [aortic dissection|p-] or [aneurysm|p-]."),
            ("pericardial", "No [pericardial effusion|p-]."),
            ("pleural", "No [pleural effusion|p-] or [pneumothorax|p-]."),
            (
                "lymph",
                "There is no [mediastinal lymphadenopathy|p-] or [hilar lymphadenopathy|p-].",
            ),
            ("consolidation", "The lungs show no [focal consolidation|p-]."),
            ("airways", "The airways are patent to the subsegmental level."),
        ),
        _LUNG_INCIDENTALS,
    ),
    "ct head": Modality(
        "CT HEAD W/O CONTRAST",
        ("CT head", "non-contrast head CT", "NCHCT"),
        (
            "Contiguous axial [CT images of the head|x] were obtained without [contrast|t-].",
            "[Non-contrast CT of the head|x] with coronal and sagittal reformats.",
        ),
        (
            ("hemorrhage", "There is no evidence of [acute intracranial hemorrhage|p-]."),
            ("mass effect", "No [mass effect|p-] or [midline shift|p-]."),
            ("infarct", "No [acute large territorial infarct|p-] is seen."),
            ("ventricles", "The ventricles and sulci are age appropriate in size."),
            ("fracture", "No [fracture|p-] is identified."),
            ("sinuses", "The visualized paranasal sinuses and mastoid air cells are clear."),
        ),
        (
            (
                "[periventricular hypodensities|p] suggest [small vessel ischemic disease|p]",
                "[chronic small vessel ischemic disease|p]",
            ),
        ),
    ),
    "mri brain": Modality(
        "MR HEAD W/O CONTRAST",
        ("MRI brain", "brain MRI"),
        (
            "Sagittal T1, axial FLAIR, T2, gradient echo and diffusion [MR images of the brain|x] "
            "were obtained.",
            "Multiplanar multisequence [MRI of the brain|x] without [contrast|t-].",
        ),
        (
            ("hemorrhage", "There is no [intracranial hemorrhage|p-]."),
            ("midline", "No [midline shift|p-] or [hydrocephalus|p-]."),
            ("voids", "The major intracranial vascular flow voids are preserved."),
            ("orbits", "The orbits are unremarkable."),
            ("mass", "No [intracranial mass|p-] is seen."),
        ),
        (
            (
                "[scattered T2 hyperintensities|p] reflect [microvascular ischemic changes|p]",
                "[chronic microvascular ischemic changes|p]",
            ),
        ),
    ),
    "ct abdomen": Modality(
        "CT ABD & PELVIS WITH CONTRAST",
        ("CT abdomen/pelvis", "CT A/P", "CT abd/pelvis"),
        (
            "[MDCT of the abdomen and pelvis|x] was performed with [IV contrast|t] in the portal "
            "venous phase.",
            "Axial [CT images of the abdomen and pelvis|x] were acquired following "
            "[intravenous contrast|t].",
        ),
        (
            ("free air", "There is no [free air|p-]."),
            ("liver", "The liver enhances homogeneously without [focal lesion|p-]."),
            ("hydronephrosis", "No [hydronephrosis|p-]."),
            ("append", "The appendix is normal."),
            ("abscess", "No [drainable fluid collection|p-] is seen."),
            ("spleen", "The spleen and adrenal glands are unremarkable."),
            ("lymph", "No [pathologic lymphadenopathy|p-]."),
        ),
        _ABDOMEN_INCIDENTALS,
    ),
    "ruq us": Modality(
        "LIVER OR GALLBLADDER US",
        ("RUQ ultrasound", "right upper quadrant ultrasound", "RUQ US"),
        (
            "Grey scale and color Doppler [ultrasound images of the abdomen|x] were obtained.",
            "Targeted [sonography of the right upper quadrant|x] with color Doppler.",
        ),
        (
            ("portal", "The main portal vein is patent with hepatopetal flow."),
            ("duct", "There is no [intrahepatic biliary dilation|p-]; the CBD measures 4 mm."),
            ("hydronephrosis", "The right kidney shows no [hydronephrosis|p-]."),
            ("mass|hemangioma", "No [focal hepatic mass|p-] is identified."),
            ("pancrea", "The pancreatic tail is obscured by overlying bowel gas."),
        ),
        (
            (
                "a 1.2 cm [echogenic focus|p] in the right lobe likely is a [hemangioma|p?]",
                "likely [hepatic hemangioma|p?]",
            ),
        ),
    ),
    "renal us": Modality(
        "RENAL U.S.",
        ("renal ultrasound", "renal US"),
        (
            "Grey scale and color Doppler [ultrasound images of the kidneys|x] were obtained.",
            "[Sonography of the kidneys and bladder|x] was performed.",
        ),
        (
            ("hydronephrosis", "There is no [hydronephrosis|p-] bilaterally."),
            ("stone", "No [renal stones|p-] or [solid renal mass|p-]."),
            ("size", "The right kidney measures 10.4 cm and the left kidney measures 10.8 cm."),
            ("bladder", "The bladder is partially filled and unremarkable."),
            ("perinephric", "No [perinephric fluid collection|p-]."),
        ),
        (("a {cyst} cm [simple cyst|p] is noted on the {side}", "[simple renal cyst|p]"),),
    ),
    "leg us": Modality(
        "{SIDE} LOWER EXTREMITY VEINS US",
        ("lower extremity ultrasound", "LENIs", "lower extremity Doppler"),
        (
            "Grey scale, color and spectral [Doppler evaluation of the {side} leg veins|x].",
            "[Duplex ultrasound of the {side} lower extremity veins|x] with compression.",
        ),
        (
            ("thromb", "There is no [deep vein thrombosis|p-] in the {side} lower extremity."),
            ("compress", "There is normal compressibility of the common femoral vein."),
            ("contralateral", "The contralateral common femoral vein shows normal phasicity."),
            ("baker", "No [Baker's cyst|p-] is seen."),
            ("hematoma", "No [popliteal hematoma|p-]."),
        ),
        (("superficial [varicose veins|p] are noted", "[varicose veins|p]"),),
    ),
    "hip xr": Modality(
        "HIP UNILAT MIN 2 VIEWS {SIDE}",
        ("hip x-ray", "hip radiographs", "hip films"),
        (
            "AP view of the pelvis and two [views of the {side} hip|x].",
            "Frontal and cross-table lateral [radiographs of the {side} hip|x] were obtained.",
        ),
        (
            ("dislocation", "There is no [dislocation|p-]."),
            ("lytic", "No suspicious [lytic lesion|p-] or [sclerotic lesion|p-]."),
            ("sacroiliac", "The sacroiliac joints and pubic symphysis are intact."),
            ("other hip", "The {other} hip is unremarkable."),
        ),
        (
            ("[vascular calcifications|p] are present", "[vascular calcifications|p]"),
            (
                "[degenerative changes of the lower lumbar spine|p] are seen",
                "[osteopenia|p?] cannot be excluded",
            ),
        ),
    ),
    "tte": Modality(
        "TRANSTHORACIC ECHOCARDIOGRAM",
        ("TTE", "transthoracic echocardiogram", "echo"),
        ("[Transthoracic echocardiogram|x] was performed.",),
        (("pericardial", "No [pericardial effusion|p-]."),),
        (),
    ),
}

CLEAR_CHEST = Study(
    "cxr", ("the lungs are well expanded and clear",), ("no [acute cardiopulmonary process|p-]",)
)
