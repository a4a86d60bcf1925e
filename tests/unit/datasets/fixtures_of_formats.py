"""One small invented note in each format, written as its corpus writes it."""

import re

LABELS = ["problem", "treatment", "test"]
I2B2_TEXT = """\
Admission Date :
2031-04-05
The patient denies chest  pain but has a fever ; " cold " today .
Tylenol was given for fever and the CXR showed no pneumonia .
"""
I2B2_CON = """\
c="chest  pain" 3:3 3:4||t="problem"
c="a fever" 3:7 3:8||t="problem"
c="\\" cold \\"" 3:10 3:12||t="problem"
c="tylenol" 4:0 4:0||t="treatment"
c="fever" 4:4 4:4||t="problem"
c="the cxr" 4:6 4:7||t="test"
c="pneumonia" 4:10 4:10||t="problem"
""".replace("\\", "")
I2B2_AST = """\
c="chest  pain" 3:3 3:4||t="problem"||a="absent"
c="a fever" 3:7 3:8||t="problem"||a="present"
c="fever" 4:4 4:4||t="problem"||a="present"
c="pneumonia" 4:10 4:10||t="problem"||a="absent"
"""
I2B2_REL = """\
c="tylenol" 4:0 4:0||r="TrAP"||c="fever" 4:4 4:4
c="the cxr" 4:6 4:7||r="TeRP"||c="pneumonia" 4:10 4:10
"""
I2B2_2010 = {
    "txt/r1.txt": I2B2_TEXT,
    "concept/r1.con": I2B2_CON,
    "ast/r1.ast": I2B2_AST,
    "rel/r1.rel": I2B2_REL,
}

BRAT_TEXT = """\
Patient given 5 mg warfarin daily, then heparin.
No rash. Pain in left and right knee since then.
"""
BRAT_ANN = """\
T1\tDrug 19 27\twarfarin
T2\tDosage 14 18\t5 mg
R1\tDosage-Drug Arg1:T2 Arg2:T1\t
T3\tDrug 40 47\theparin
T4\tADE 52 56\trash
A1\tNegation T4
T5\tADE 58 70;81 85\tPain in left knee
A2\tCertainty T5 Probable
E1\tADE:T4 Cause:T1
*\tEquiv T1 T3
#1\tAnnotatorNotes T1\tlooks right
N1\tReference T1 RxNorm:11289\twarfarin
"""
BRAT = {"d1.txt": BRAT_TEXT, "d1.ann": BRAT_ANN}

I2B2_2012 = """\
<?xml version="1.0" encoding="UTF-8" ?>
<ClinicalNarrativeTemporalAnnotation>
<TEXT><![CDATA[
Admission Date :
2031-04-05
She was admitted with a fever & < 90 sats .
]]></TEXT>
<TAGS>
<EVENT id="E0" start="1" end="10" text="Admission" modality="FACTUAL" polarity="POS" \
type="OCCURRENCE" />
<EVENT id="E1" start="51" end="58" text="a fever" modality="A&B" polarity="NEG" \
type="PROBLEM" />
<TIMEX3 id="T0" start="18" end="28" text="2031-04-05" type="DATE" val="2031-04-05" mod="NA" />
<TLINK id="TL0" fromID="E0" fromText="Admission" toID="T0" toText="2031-04-05" type="OVERLAP" />
<SECTIME id="S0" start="18" end="28" text="2031-04-05" type="ADMISSION" dvalue="2031-04-05" />
</TAGS>
</ClinicalNarrativeTemporalAnnotation>
"""
I2B2_2014 = """\
<?xml version="1.0" encoding="UTF-8" ?>
<deIdi2b2>
<TEXT><![CDATA[

Record date: 2067-05-03

Mr. Ana
Noone, 91 yo, seen at HFM by Dr. X.
]]></TEXT>
<TAGS>
<DATE id="P0" start="15" end="25" text="2067-05-03" TYPE="DATE" comment="" />
<NAME id="P1" start="31" end="40" text="Ana Noone" TYPE="PATIENT" comment="" />
<AGE id="P2" start="42" end="44" text="91" TYPE="AGE" comment="" />
<LOCATION id="P3" start="57" end="60" text="HFM" TYPE="HOSPITAL" comment="" />
<NAME id="P4" start="68" end="69" text="X" TYPE="DOCTOR" comment="" />
</TAGS>
</deIdi2b2>
"""

PUBTATOR_TITLE = "Selegiline-induced postural hypotension in disease of Noone"
PUBTATOR_ABSTRACT = "Selegiline is a drug. It may cause low blood pressure and dizziness."


def pubtator(name: str = "81") -> str:
    text = f"{PUBTATOR_TITLE}\n{PUBTATOR_ABSTRACT}"
    rows = [f"{name}|t|{PUBTATOR_TITLE}", f"{name}|a|{PUBTATOR_ABSTRACT}"]
    for mention, kind, concept in (
        ("Selegiline", "Chemical", "D012642"),
        ("postural hypotension", "Disease", "D007024"),
        ("low blood pressure", "Disease", "D007022"),
        ("dizziness", "Disease", "D004244"),
    ):
        for found in re.finditer(mention, text):
            ends = f"{found.start()}\t{found.end()}"
            rows.append(f"{name}\t{ends}\t{mention}\t{kind}\t{concept}")
    return "\n".join([*rows, f"{name}\tCID\tD012642\tD007024", ""])


BIOC_JSON = """\
{"source": "made", "documents": [{"id": "81", "infons": {}, "passages": [
 {"offset": 0, "infons": {"type": "title"}, "text": "Low zinc and rash",
  "annotations": [
   {"id": "1", "infons": {"type": "Disease"}, "text": "rash",
    "locations": [{"offset": 13, "length": 4}]}]},
 {"offset": 18, "infons": {"type": "abstract"}, "text": "Zinc cured the skin and hair loss.",
  "annotations": [
   {"id": "2", "infons": {"type": "Chemical"}, "text": "Zinc",
    "locations": [{"offset": 18, "length": 4}]},
   {"id": "3", "infons": {"type": "Disease"}, "text": "skin loss",
    "locations": [{"offset": 33, "length": 4}, {"offset": 47, "length": 4}]}]}],
 "relations": [
  {"id": "R1", "infons": {"type": "treats"}, "nodes": [
    {"refid": "2", "role": "drug"}, {"refid": "3", "role": "disease"}]},
  {"id": "R2", "infons": {"type": "CID"}, "nodes": []}]}]}
"""
BIOC_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE collection SYSTEM "BioC.dtd">
<collection><source>made</source><date></date><key></key>
<document><id>81</id>
<passage><infon key="type">title</infon><offset>0</offset><text>Low zinc and rash</text>
<annotation id="1"><infon key="type">Disease</infon><location offset="13" length="4"/>
<text>rash</text></annotation></passage>
<passage><infon key="type">abstract</infon><offset>18</offset>
<sentence><offset>18</offset><text>Zinc cured the skin and hair loss.</text>
<annotation id="2"><infon key="type">Chemical</infon><location offset="18" length="4"/>
<text>Zinc</text></annotation>
<annotation id="3"><infon key="type">Disease</infon><location offset="33" length="4"/>
<location offset="47" length="4"/><text>skin loss</text></annotation>
</sentence></passage>
<relation id="R1"><infon key="type">treats</infon><node refid="2" role="drug"/>
<node refid="3" role="disease"/></relation>
<relation id="R2"><infon key="type">CID</infon></relation>
</document></collection>
"""
