"""A report of a small study whose files are written here, with all that sections show."""

import json
from pathlib import Path
from typing import Any

from palimpsest.runtime.files import write_manifest
from palimpsest.runtime.rows import Row
from palimpsest.summary.config import Shown, SummarySpec
from palimpsest.summary.draw import render_summary

CORPORA = """\
corpus,part,kind,source,llm,prompt,context,rows_in,passages_asked,kept,rejected,failed,yield,\
tokens_out_per_kept,documents,tokens,distinct_2,copied_8grams
,,source,clinic,,,,64,,62,2,0,,,,,,
original,all,notes,clinic,,,,,,,,,,,12,396,0.38,
formal,all,rephrases,clinic,alpha,formal,none,,25,19,6,0,0.76,0.9,7,198,0.9,0.02
mixed,1,notes,clinic,,,,,,,,,,,4,90,0.38,
mixed,2,rephrases,clinic,alpha,formal,none,,25,19,6,0,0.76,0.9,3,91,0.9,0.02
"""
SCREENS = """\
source,llm,prompt,context,round,outcome,reason,count,share,retried,examples
clinic,alpha,formal,none,0,kept,,13,0.52,0,n54:224-279
clinic,alpha,formal,none,0,rejected,refusal,12,0.48,12,n53:0-233
clinic,alpha,formal,none,1,kept,,6,0.5,0,n53:0-233
clinic,alpha,formal,none,1,rejected,refusal,5,0.42,0,n2:0-227
clinic,alpha,formal,none,1,failed,server_refused_400,1,0.08,0,n4:0-227
clinic,alpha,formal,patient,0,kept,,1,0.1,0,n4:0-227
clinic,alpha,formal,patient,0,rejected,refusal,9,0.9,0,n2:0-227
"""
MONITOR = """\
source,llm,prompt,context,rephrases,same_start,sample,distinct_1,distinct_2,distinct_3,self_bleu
clinic,alpha,formal,none,19,0.11,19,0.5,0.8,0.9,0.295
clinic,alpha,formal,patient,1,1,1,0.5,0.8,0.9,
"""
COMPARED = """\
experiment,encoder,corpus,mixture,role,metric,n,units,unit,pretraining_seeds,runs,trained_on,mean,\
mean_low,mean_high,sd,overlapping,mean_without_overlap,difference,difference_low,difference_high,p,\
p_permutation,p_holm,verdict,detectable,notes
tagging,tiny,none,entities,baseline,strict_f1,500,40,patient,0,3,entities:12,0.52,0.48,0.56,0.01,0,\
0.52,,,,,,,,,
tagging,tiny,formal,entities,system,strict_f1,500,40,patient,3,9,entities:12,0.58,0.55,0.61,0.01,3,\
0.57,0.06,0.02,0.1,0.004,0.01,0.008,higher,0.05,
tagging,tiny,original,entities,system,strict_f1,500,40,patient,3,9,entities:12,0.53,0.5,0.57,0.01,\
0,0.53,0.01,-0.02,0.04,0.4,0.5,0.4,not told apart,0.05,
tagging,dictionary,none,entities,trivial,strict_f1,500,14,patient,0,1,entities:12,0.2,,,,0,0.2,\
-0.32,-0.4,-0.3,0.001,,0.003,lower,0.1,14 test units: fewer than 20
"""
FIGURE = """\
panel,metric,series,role,x,corpus,seed,value,low,high,seeds,units,p_holm
visits,perplexity,alpha,mean,formal,formal,,386.2,301,420,3,5,
visits,perplexity,alpha,seed,formal,formal,0,380,,,1,5,
visits,perplexity,alpha,over_unigram,formal,formal,,0.965,0.9,1.004,,5,
visits,perplexity,alpha,over_reference,formal,formal,,1.287,1.1,1.4,,5,0.002
visits,perplexity,original,mean,,original,,300,290,310,3,5,
visits,perplexity,original,over_unigram,,original,,0.97,0.96,0.98,,5,
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160"/>'
SILVER = """\
stage,category,asked,sentences,silver_positives,gold,compared,units,kappa,kappa_low,kappa_high,\
precision,precision_low,precision_high,recall,recall_low,recall_high
labelled,any,60,60,8,notes,39,21,0.07,-0.1,0.27,0.3,0.1,0.6,0.2,0.05,0.5
"""
BRONZE = """\
category,asked,kept,rejected_refusal,failed,confirmed_share,distinct_2
all,120,35,38,0,0.5,0.9
"""
SPLITS = """\
place,name,split,unit,units,examples,identical_in_train,nearly_identical_in_train
source,clinic,train,patient,210,418,,
source,clinic,test,patient,27,55,0,0
"""
OVERLAP = """\
judged,trained_on,n,exact,any_13gram,mean_share,overlapping,overlapping_share
dataset.entities,corpus.formal,500,1,3,0.01,3,0.006
"""
FIDELITY = """\
source,llm,prompt,context,type,rephrases,patients,kept,changed,omitted,added,unread,\
wrong,rate,low,high,examples
clinic,alpha,formal,none,any,12,9,40,3,10,2,0,7,0.583333,0.3,0.8,n54:224-279
clinic,alpha,formal,none,dose,12,9,10,3,0,0,0,3,0.25,0.1,0.5,n54:224-279
clinic,alpha,formal,none,problem,12,9,30,0,10,2,0,6,0.5,0.2,0.7,n54:224-279
clinic,alpha,formal,patient,any,30,25,90,0,1,0,0,1,0.0333333,0.002,0.15,n53:0-233
clinic,alpha,formal,patient,problem,30,25,90,0,1,0,0,1,0.0333333,0.002,0.15,n53:0-233
"""
JUDGED = """\
source,llm,prompt,context,claim,rephrases,patients,judged,rate,rate_low,rate_high,planted,found,\
recall,noticed,faithful,alarms,false_alarms,corrected,corrected_low,corrected_high,rules,kappa,\
kappa_low,kappa_high
clinic,alpha,formal,none,any,30,25,15,0.5,0.3,0.7,60,40,0.667,0.667,20,2,0.1,0.705,0.4,0.9,9,0.4,\
0.1,0.6
clinic,alpha,formal,none,unsupported,30,25,9,0.3,0.2,0.5,30,0,0,0.5,20,2,0.1,,,,,,,
clinic,alpha,formal,none,dose,30,25,1,0.0333,0.001,0.1,30,20,0.667,0.667,20,0,0,0.05,0,0.1,1,1,1,1
"""
FOUND = {"name": "name anywhere", "failed": True, "found": "48 of 190 used patients", "p": 0.001}
VERDICT = {
    "verdict": "failed",
    "stages": [
        {
            "stage": "given",
            "checks": [
                {
                    "check": "identifiers", "status": "failed", "reasons": [],
                    "tests": [FOUND | {"detects": "1 patient"}],
                },
                {
                    "check": "rare_text", "status": "not able to tell",
                    "reasons": ["the control group has 9 patients"], "tests": [],
                },
                {"check": "linkage", "status": "passed", "reasons": [], "tests": []},
            ],
        }
    ],
    "left_out": {"canaries": "none could be planted"},
}  # fmt: skip
FILES = {
    "table1.csv": CORPORA, "table2.csv": COMPARED, "screens.csv": SCREENS,
    "screens.monitor.csv": MONITOR, "figure1.svg": SVG, "figure1.txt": "Perplexity, 5 patients.",
    "figure1.csv": FIGURE, "silver.quality.csv": SILVER, "bronze.quality.csv": BRONZE,
    "splits.csv": SPLITS, "overlap.csv": OVERLAP, "fidelity.svg": SVG, "judged.svg": SVG,
    "fidelity.txt": "Rephrases with a finding.", "fidelity.csv": FIDELITY,
    "judged.txt": "Rephrases with a claim.", "judged.csv": JUDGED,
    "shared.json": json.dumps(VERDICT),
}  # fmt: skip
SHOWN = [
    ("overview", "screens.csv", ""), ("overview", "table1.csv", "table1"),
    *((section, name, name.partition(".")[0]) for section in ("overview", "conclusions")
      for name in ("table2.csv", "figure1.csv")),
    ("flow", "screens.csv", ""), ("corpora", "table1.csv", "table1"),
    ("corpora", "screens.csv", ""), ("comparisons", "table2.csv", "table2"),
    ("figures", "figure1.svg", "figure1"), ("figures", "figure1.txt", "figure1"),
    ("figures", "figure1.csv", "figure1"), ("screens", "screens.csv", ""),
    ("screens", "screens.monitor.csv", ""), ("labels", "silver.quality.csv", "silver"),
    ("labels", "bronze.quality.csv", "bronze"), ("data", "splits.csv", "splits"),
    *(("fidelity", f"{name}.{end}", name) for name in ("fidelity", "judged")
      for end in ("svg", "txt", "csv")),
    ("overlap", "overlap.csv", "overlap"), ("release", "shared.json", "shared"),
    ("cost", "000-of-001.json", "clinic.formal by alpha"),
]  # fmt: skip


# As of a study that compares a decoder and an encoder.
COMPARES: dict[str, Any] = {
    "title": "", "generated": "some", "written_by_programs": ["clinic"],
    "made_of": ["notes", "rephrases"], "used": ["entities"],
    "settings": [
        {"of": "LLM", "name": "alpha", "values": {"top_p": 0.9, "seed": None, "more": {"k": [1]}}}
    ],
    "prompts": {"formal": {"system": "You write.", "user": "Say <it>:\n{passage}"}},
    "models": [{"model": "tiny", "kind": "decoder", "evaluations": ["visits"], "seeds": 3}],
    "tasks": [
        {
            "dataset": "entities", "kind": "spans", "labels": ["problem", "test"], "seeds": 3,
            "encoders": ["mini"], "corpora": ["formal"], "mixtures": ["entities"],
        }
    ],
}  # fmt: skip


def report_of(
    folder: Path, without: tuple[str, ...] = (), stated: Row | None = None, **changed: str
) -> str:
    """The page. without: titles that are left out. stated: other facts of the study.

    changed: other contents of files, by stem.
    """
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    account = {"in": 37, "kept": 36, "rejected": {}, "failed": {"server_refused_400": 1}}
    counted = {"account": account, "tokens_in": 9_000, "tokens_out": 4_321, "rows": 37}
    write_manifest(folder / "000-of-001.json", counted | {"engines": {"vllm 0": 36}})
    listed = [one for one in SHOWN if one[2] not in without]
    files = [Shown(section=one, name=name, title=title) for one, name, title in listed]
    facts = COMPARES | {"fidelity": "fidelity" not in without, "left_out": [*without]}
    facts |= {"releases": ["shared"] if "shared" not in without else []} | (stated or {})
    spec = SummarySpec(study="results", files=files, facts=facts)
    return render_summary(spec, [folder / name for _, name, _ in listed])
