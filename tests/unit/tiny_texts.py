"""What tiny tokenizers and models of the tests are made from."""

SENTENCES = [
    "The patient was admitted with chest pain and dyspnea.",
    "Creatinine was 1.2 and stable, and a chest x-ray was normal.",
    "Treatment with aspirin 81 mg and furosemide 40 mg was started.",
    "Discharge Medications:\n1. Metoprolol 25 mg twice a day.\n",
    "Éà 漢字 🙂 -- she said: “no pain”.",
]
