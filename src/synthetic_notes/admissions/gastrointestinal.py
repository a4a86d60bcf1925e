"""Digestive diseases that bring an adult into hospital."""

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.imaging import CLEAR_CHEST, Study

ADMISSIONS: tuple[Admission, ...] = (
    Admission(
        code="K26.4",
        names=("upper GI bleed", "acute upper gastrointestinal bleed"),
        service="Medicine",
        weight=7,
        ages=(38, 90),
        likely=("I25.10", "M17.9", "I48.91"),
        symptoms=("melena", "lightheadedness", "fatigue", "hematemesis"),
        negatives=("chest pain", "dyspnea", "fever", "weight loss", "dysuria"),
        onset=("1 day", "2 days", "3 days"),
        trigger=("frequent [ibuprofen|t] use", "daily [NSAIDs|t]", "heavy alcohol intake"),
        vitals={"hr": (98, 124), "sbp": (88, 112)},
        exam={
            "Abd": ("soft, [mild epigastric tenderness|p], no [guarding|p-]",),
            "Rectal": ("[guaiac positive black stool|p]",),
        },
        labs={"Hgb": (6.4, 9.2), "UreaN": (34, 68), "INR(PT)": (1.0, 1.3), "Lactate": (1.2, 2.9)},
        studies=(CLEAR_CHEST,),
        ruled_out=(("variceal bleeding", "EGD"), ("acute coronary syndrome", "troponin trend")),
        concern=("H. pylori infection", "NSAID gastropathy"),
        course=(
            (
                "transfused {units} units of [pRBCs|t] and started on [IV pantoprazole|t]",
                "received {units} units [packed red cells|t], [IV fluids|t] and a [PPI drip|t]",
            ),
            (
                "[EGD|x] revealed a [duodenal ulcer|p] with a [visible vessel|p], treated with "
                "[epinephrine injection|t] and [clips|t]",
                "GI performed [upper endoscopy|x], which showed a [bleeding duodenal ulcer|p] "
                "treated with [bipolar cautery|t]",
            ),
            (
                "[Hgb|x] remained stable without further [melena|p-]",
                "no recurrent [bleeding|p-] and [hematocrit|x] stable for 48 h",
            ),
            (
                "[H. pylori stool antigen|x] was pending at discharge",
                "[gastric biopsies|x] pending",
            ),
        ),
        procedures=("[EGD|x] with [endoscopic hemostasis|t]",),
        complications=("hypotension", "aki", "hypokalemia"),
        new_drugs=("pantoprazole=40 mg PO BID", "ferrous sulfate"),
        stops=("NSAID", "anticoagulant", "acid", "steroid"),
        clinics=("Gastroenterology", "Primary Care"),
        warnings=("melena", "hematemesis", "lightheadedness", "chest pain"),
        stay=(3, 6),
    ),
    Admission(
        code="K85.90",
        names=("acute pancreatitis", "acute interstitial pancreatitis"),
        service="Medicine",
        weight=6,
        ages=(24, 80),
        likely=("E78.5", "E11.9"),
        symptoms=("epigastric pain", "nausea", "vomiting", "poor appetite"),
        negatives=("diarrhea", "melena", "dysuria", "chest pain", "jaundice"),
        onset=("1 day", "2 days", "12 hours"),
        trigger=("binge drinking", "a fatty meal", "a heavy dinner"),
        vitals={"hr": (98, 122), "temp": (98.6, 100.9)},
        exam={
            "Abd": ("[epigastric tenderness|p] without [rebound|p-]", "[diffusely tender|p], soft")
        },
        labs={
            "Lipase": (480, 3600),
            "WBC": (10.8, 18.4),
            "Glucose": (112, 210),
            "TotBili": (0.6, 1.6),
        },
        studies=(
            Study(
                "ct abdomen",
                (
                    "the pancreas is [edematous|p] with [peripancreatic fat stranding|p]",
                    "there is no [pancreatic necrosis|p-]",
                ),
                ("[interstitial edematous pancreatitis|p]", "no [necrosis|p-] or [pseudocyst|p-]"),
            ),
            Study(
                "ruq us",
                ("the gallbladder contains no [gallstones|p-]",),
                ("no [cholelithiasis|p-]",),
            ),
        ),
        ruled_out=(("choledocholithiasis", "RUQ ultrasound"), ("bowel perforation", "CT abdomen")),
        concern=("alcohol-related pancreatitis", "microlithiasis"),
        course=(
            (
                "kept NPO and given aggressive [IV fluids|t] and [IV hydromorphone|t]",
                "treated with [lactated Ringer's|t], [antiemetics|t] and [IV analgesia|t]",
            ),
            (
                "[triglycerides|x] and [calcium|x] were normal",
                "[lipid panel|x] was unremarkable",
            ),
            ("diet advanced without recurrent [pain|p-]", "tolerated a regular diet by day 3"),
        ),
        complications=("hypokalemia", "ileus", "aki"),
        new_drugs=("oxycodone=5 mg PO Q6H PRN for 3 days", "ondansetron"),
        stops=("thiazide", "incretin"),
        clinics=("Gastroenterology", "Primary Care"),
        warnings=("abdominal pain", "fever", "vomiting", "jaundice"),
        stay=(3, 8),
    ),
    Admission(
        code="K70.31",
        names=("decompensated alcoholic cirrhosis with ascites", "decompensated cirrhosis"),
        service="Hepatology",
        weight=5,
        ages=(36, 74),
        implies=("K74.60",),
        excludes=("K76.0", "K76.9", "I25.10", "I48.91"),
        symptoms=("distension", "edema", "confusion", "jaundice", "fatigue"),
        negatives=("fever", "melena", "hematemesis", "chest pain", "dysuria"),
        onset=("1 week", "10 days", "2 weeks"),
        trigger=("missed doses of [lactulose|t]", "ongoing alcohol use", "dietary indiscretion"),
        vitals={"hr": (88, 108), "sbp": (92, 112)},
        exam={
            "Abd": ("[distended|p] with [fluid wave|p], nontender",),
            "HEENT": ("[scleral icterus|p], MMM", "[icteric sclerae|p]"),
            "Skin": ("[spider angiomata|p], [jaundice|p]",),
            "Neuro": ("[asterixis|p] present, oriented x2",),
        },
        labs={
            "TotBili": (2.6, 9.4),
            "AST": (72, 180),
            "ALT": (34, 88),
            "INR(PT)": (1.5, 2.3),
            "Plt Ct": (54, 118),
            "Albumin": (2.2, 3.0),
            "Na": (124, 133),
        },
        studies=(
            Study(
                "ruq us",
                (
                    "the liver is [shrunken|p] and [nodular|p] in contour",
                    "there is [large volume ascites|p] and [splenomegaly|p]",
                ),
                ("[cirrhosis|p] with [large ascites|p]", "no [portal vein thrombosis|p-]"),
            ),
            CLEAR_CHEST,
        ),
        ruled_out=(
            ("spontaneous bacterial peritonitis", "diagnostic paracentesis"),
            ("portal vein thrombosis", "RUQ ultrasound"),
        ),
        concern=("hepatorenal syndrome", "hepatocellular carcinoma"),
        course=(
            (
                "[large volume paracentesis|t] of {large_liters} L, then [IV albumin|t]",
                "[paracentesis|t] of {large_liters} L; [ascitic fluid cell count|x] was low",
            ),
            (
                "[hepatic encephalopathy|p] cleared with [lactulose|t] titrated to 3 BMs daily",
                "[encephalopathy|p] improved on [lactulose|t] and [rifaximin|t]",
            ),
            (
                "[diuretics|t] were resumed once [creatinine|x] was stable",
                "started on [spironolactone|t] and [furosemide|t]",
            ),
        ),
        procedures=("[large volume paracentesis|t]",),
        complications=("aki", "hypotension", "hypokalemia"),
        new_drugs=(
            "lactulose",
            "rifaximin",
            "spironolactone=100 mg PO daily",
            "furosemide=40 mg PO daily",
        ),
        stops=(
            "NSAID",
            "statin",
            "benzodiazepine",
            "opioid",
            "ACE inhibitor",
            "loop",
            "anticoagulant",
        ),
        clinics=("Hepatology", "Primary Care"),
        warnings=("confusion", "distension", "hematemesis", "fever"),
        stay=(3, 10),
    ),
    Admission(
        code="K56.609",
        names=("small bowel obstruction", "adhesive small bowel obstruction"),
        service="Surgery",
        weight=5,
        ages=(32, 90),
        symptoms=("abdominal pain", "vomiting", "obstipation", "distension"),
        negatives=("fever", "hematochezia", "chest pain", "dysuria", "jaundice"),
        onset=("1 day", "2 days", "12 hours"),
        trigger=("a history of [abdominal surgery|t]", "prior [exploratory laparotomy|t]"),
        vitals={"hr": (92, 114)},
        exam={
            "Abd": (
                "[distended|p], [tympanitic|p], [diffuse mild tenderness|p], no [peritonitis|p-]",
            )
        },
        labs={"WBC": (9.2, 14.8), "Lactate": (0.9, 2.2), "K": (3.1, 3.8), "UreaN": (22, 40)},
        studies=(
            Study(
                "ct abdomen",
                (
                    "there are [dilated small bowel loops|p] up to {bowel} cm with a "
                    "[transition point|p] in the pelvis",
                    "there is no [pneumatosis|p-] or [bowel wall ischemia|p-]",
                ),
                (
                    "[small bowel obstruction|p] with [transition point|p] in the pelvis",
                    "no [bowel ischemia|p-]",
                ),
            ),
        ),
        ruled_out=(("bowel ischemia", "CT abdomen"), ("incarcerated hernia", "physical exam")),
        concern=("early ischemia", "internal hernia"),
        course=(
            (
                "managed with [NG tube decompression|t], [IV fluids|t] and serial exams",
                "[nasogastric tube|t] was placed with {liters} L bilious output",
            ),
            (
                "[small bowel follow through|x] showed [contrast|t] in the colon at 8 h",
                "[gastrografin challenge|x] was passed",
            ),
            ("[surgery|t-] was not required", "[NG tube|t] was removed and diet advanced"),
        ),
        complications=("hypokalemia", "aki", "retention"),
        new_drugs=("polyethylene glycol", "ondansetron"),
        stops=("opioid",),
        clinics=("General Surgery",),
        warnings=("abdominal pain", "vomiting", "obstipation", "fever"),
        stay=(2, 7),
    ),
    Admission(
        code="K57.32",
        names=("acute sigmoid diverticulitis", "acute uncomplicated diverticulitis"),
        service="Surgery",
        weight=4,
        ages=(36, 86),
        symptoms=("llq pain", "fever", "nausea"),
        negatives=("hematochezia", "dysuria", "vomiting", "chest pain", "weight loss"),
        onset=("1 day", "2 days", "3 days"),
        trigger=("recent [constipation|p]", "a low fiber diet"),
        vitals={"temp": (99.8, 101.9), "hr": (88, 108)},
        exam={"Abd": ("[LLQ tenderness|p] with [voluntary guarding|p], no [rebound|p-]",)},
        labs={"WBC": (12.1, 19.4), "CRP": (38, 160), "Lactate": (0.8, 1.9)},
        studies=(
            Study(
                "ct abdomen",
                (
                    "there is [sigmoid wall thickening|p] with [pericolonic fat stranding|p]",
                    "there is no [abscess|p-] or [free air|p-]",
                ),
                (
                    "[acute uncomplicated sigmoid diverticulitis|p]",
                    "[underlying malignancy|p?] cannot be "
                    "excluded, [colonoscopy|x>] in 6-8 weeks is advised",
                ),
            ),
        ),
        ruled_out=(("perforation", "CT abdomen"), ("nephrolithiasis", "CT abdomen")),
        concern=("segmental colitis", "colonic malignancy"),
        course=(
            (
                "treated with [IV ciprofloxacin|t] and [metronidazole|t] with [bowel rest|t]",
                "given [piperacillin-tazobactam|t] and [IV fluids|t]",
            ),
            ("[WBC|x] normalized and diet was advanced", "[abdominal pain|p] resolved by day 2"),
            (
                "[surgical intervention|t-] was not required",
                "interval [colonoscopy|x>] was recommended",
            ),
        ),
        complications=("hypokalemia", "cdiff"),
        new_drugs=("amoxicillin-clavulanate=875 mg PO Q12H for 7 more days",),
        stops=("NSAID",),
        clinics=("Colorectal Surgery", "Gastroenterology"),
        warnings=("abdominal pain", "fever", "vomiting", "hematochezia"),
        stay=(2, 5),
    ),
    Admission(
        code="K81.0",
        names=("acute cholecystitis", "acute calculous cholecystitis"),
        service="Surgery",
        weight=5,
        ages=(24, 84),
        likely=("E66.9",),
        symptoms=("ruq pain", "nausea", "fever", "vomiting"),
        negatives=("jaundice", "chest pain", "diarrhea", "dysuria", "melena"),
        onset=("1 day", "2 days", "18 hours"),
        trigger=("a fatty meal", "prior episodes of [biliary colic|p]"),
        vitals={"temp": (99.9, 102.1), "hr": (92, 112)},
        exam={"Abd": ("[RUQ tenderness|p], [positive Murphy's sign|p], no [rebound|p-]",)},
        labs={"WBC": (12.6, 19.8), "AlkPhos": (96, 188), "TotBili": (0.7, 1.8), "ALT": (28, 96)},
        studies=(
            Study(
                "ruq us",
                (
                    "the gallbladder is [distended|p] with [gallstones|p] and [wall thickening|p]",
                    "there is [pericholecystic fluid|p] and a [sonographic Murphy's sign|p]",
                ),
                ("[acute cholecystitis|p]", "no [choledocholithiasis|p-]"),
            ),
        ),
        ruled_out=(("choledocholithiasis", "RUQ ultrasound"), ("pancreatitis", "lipase")),
        concern=("gangrenous cholecystitis", "gallbladder perforation"),
        course=(
            (
                "started on [ceftriaxone|t] and [metronidazole|t]",
                "received [piperacillin-tazobactam|t] in the ED",
            ),
            (
                "underwent uncomplicated [laparoscopic cholecystectomy|t] on hospital day 2",
                "taken to the OR for [laparoscopic cholecystectomy|t], tolerated well",
            ),
            ("[postoperative pain|p] controlled with [oxycodone|t]", "diet advanced as tolerated"),
        ),
        procedures=("[laparoscopic cholecystectomy|t]",),
        complications=("retention", "constipation", "hypokalemia"),
        new_drugs=("oxycodone=5 mg PO Q6H PRN for 3 days", "docusate sodium"),
        clinics=("General Surgery",),
        warnings=("abdominal pain", "fever", "jaundice", "wound drainage"),
        stay=(2, 5),
    ),
    Admission(
        code="A04.72",
        names=("C. difficile colitis", "Clostridioides difficile infection"),
        service="Medicine",
        weight=4,
        ages=(45, 94),
        symptoms=("diarrhea", "abdominal pain", "fever", "poor appetite"),
        negatives=("hematochezia", "vomiting", "chest pain", "dysuria", "dyspnea"),
        onset=("3 days", "5 days", "1 week"),
        trigger=("recent [clindamycin|t] use", "a recent course of [cephalexin|t]"),
        vitals={"temp": (99.6, 101.8), "hr": (94, 116), "sbp": (94, 118)},
        exam={"Abd": ("soft, [diffuse mild tenderness|p], no [rebound|p-]",)},
        labs={"WBC": (14.8, 28.6), "Creat": (1.0, 1.7), "K": (2.9, 3.6), "Albumin": (2.6, 3.4)},
        studies=(
            Study(
                "ct abdomen",
                ("there is [diffuse colonic wall thickening|p] without [perforation|p-]",),
                ("[pancolitis|p], compatible with [C. difficile colitis|p]", "no [megacolon|p-]"),
            ),
        ),
        ruled_out=(("toxic megacolon", "CT abdomen"), ("ischemic colitis", "lactate")),
        concern=("early sepsis", "recurrent infection"),
        course=(
            (
                "[C. diff PCR|x] and [toxin assay|x] were positive; started on [oral vancomycin|t]",
                "treated with [PO vancomycin|t] and [IV fluids|t]",
            ),
            ("stool frequency and [leukocytosis|p] improved", "[WBC|x] downtrended daily"),
        ),
        complications=("aki", "hypokalemia", "hypotension"),
        new_drugs=("vancomycin=125 mg PO QID for 10 days",),
        stops=("acid", "polyethylene glycol", "senna", "docusate sodium"),
        clinics=("Infectious Disease", "Primary Care"),
        warnings=("diarrhea", "fever", "abdominal pain", "lightheadedness"),
        stay=(2, 7),
    ),
)
