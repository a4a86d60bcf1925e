"""Write docs/generated-notes.html: three generated notes with everything that is known about them.

    python scripts/project/write_notes_page.py [--check]

With --check nothing is written; the exit status is 1 when the file is not current.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from synthetic_notes import GeneratedNote, generate_notes

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "generated-notes.html"
SEED = 4
PATIENTS = 200  # enough to find a note of each kind
NOISE = 0.0
SIGNS = {"absent": "−", "possible": "?", "conditional": "if", "hypothetical": "→", "family": "fam"}
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 1080px; padding: 0 1em;
  color: #1b1f24; background: #fff; }
h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2em; }
.note { white-space: pre-wrap; border: 1px solid #d0d7de; border-radius: 6px; padding: 1em;
  line-height: 1.85; }
.problem { background: #ffd8d3; } .treatment { background: #cfe8ff; } .test { background: #d5f0d0; }
.problem, .treatment, .test, .phi { border-radius: 3px; padding: 1px 2px; }
.absent { text-decoration: line-through; }
sup { font-size: 0.65em; font-weight: 600; color: #57606a; line-height: 0; }
.phi { background: #e4dcf7; outline: 1px dashed #6e49b8; }
.sentence { border-bottom: 3px solid #d99a00; }
.category { background: #fff0c2; border: 1px solid #d99a00; border-radius: 8px; padding: 0 6px;
  font-size: 0.72em; margin-left: 4px; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; margin-top: 1em; }
th, td { border: 1px solid #d0d7de; padding: 4px 8px; text-align: left; vertical-align: top; }
th { background: #f6f8fa; } td.label { white-space: nowrap; font-weight: 600; }
.entailment { color: #116329; } .contradiction { color: #a40e26; } .neutral { color: #57606a; }
.legend { line-height: 2.1; padding: 0.6em 1em; background: #f6f8fa; border-radius: 6px; }
"""
LEGEND = """
<p class="legend">
Entities: <span class="problem">problem</span> <span class="treatment">treatment</span>
<span class="test">test</span>, present unless marked:
<span class="problem absent">absent</span><sup>−</sup>, possible<sup>?</sup>,
conditional<sup>if</sup>, hypothetical<sup>→</sup>, of a family member<sup>fam</sup>.<br>
Protected health information, all made up: <span class="phi">Jane Doe</span><sup>NAME</sup>.<br>
Sentences about dementia: <span class="sentence">underlined</span>
<span class="category">with their categories</span>; the other sentences of the narrative sections
have none.<br>
Pairs of premise and hypothesis stand below each discharge summary.
</p>
"""


def chosen() -> list[tuple[str, GeneratedNote]]:
    """A title and a note: of dementia, of another patient, of radiology."""
    found: dict[str, GeneratedNote] = {}
    for note in generate_notes(PATIENTS, SEED, lambda _: "train", NOISE):
        shown = {category for sentence in note.sentences for category in sentence.categories}
        if note.category == "Radiology report":
            told = {span.assertion for span in note.spans}
            if {"present", "absent", "possible", "hypothetical"} <= told and len(note.phi) > 4:
                found.setdefault("A radiology report", note)
        elif len(shown) == 9:
            found.setdefault("A discharge summary of a patient with dementia", note)
        elif not shown and {"family", "conditional"} <= {span.assertion for span in note.spans}:
            found.setdefault("Another discharge summary", note)
        if len(found) == 3:
            break
    titles = sorted(found, key=lambda title: ("dementia" not in title, "radiology" in title))
    return [(title, found[title]) for title in titles]


def annotated(note: GeneratedNote) -> str:
    """The text of a note as HTML, with a coloured span for each entity, PHI and labelled sentence.

    Entities and PHI are disjoint and lie inside of a sentence or outside of it, so the elements
    nest.
    """
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for span in note.spans:
        sign = SIGNS.get(span.assertion, "")
        opening[span.start] = f'<span class="{span.label} {span.assertion}">'
        closing[span.end] = "</span>" + (f"<sup>{sign}</sup>" if sign else "")
    for phi in note.phi:
        opening[phi.start] = '<span class="phi">'
        closing[phi.end] = f"</span><sup>{phi.label}</sup>"
    for sentence in note.sentences:
        if sentence.categories:
            tags = "".join(f'<span class="category">{c}</span>' for c in sentence.categories)
            start, end = sentence.start, sentence.end
            opening[start] = '<span class="sentence">' + opening.get(start, "")
            closing[end] = closing.get(end, "") + "</span>" + tags
    pieces = []
    for at, character in enumerate(note.text):
        pieces += [closing.get(at, ""), opening.get(at, ""), escape(character)]
    return "".join(pieces).rstrip("\n")


def pair_rows(note: GeneratedNote) -> Iterator[str]:
    """Rows of the table of pairs."""
    for pair in note.pairs:
        premise = escape(note.text[pair.start : pair.end]).replace("\n", "<br>")
        yield (
            f"<tr><td>{premise}</td><td>{escape(pair.hypothesis)}</td>"
            f'<td class="label {pair.label}">{pair.label}</td></tr>'
        )


def page() -> str:
    """The whole page, which loads nothing from elsewhere."""
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        "<!-- Written by scripts/project/write_notes_page.py: do not edit. -->",
        f"<title>Generated notes</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        "<h1>Three generated notes and their labels</h1>",
        "<p>Nobody in these notes exists. The labels were made with the text, see "
        '<a href="generator.md">generator.md</a>.</p>',
        LEGEND.strip(),
    ]
    for title, note in chosen():
        parts += [
            f"<h2>{title} ({note.note_id})</h2>",
            f'<div class="note">{annotated(note)}</div>',
        ]
        if note.pairs:
            head = "<tr><th>Premise</th><th>Hypothesis</th><th>Label</th></tr>"
            parts += [f"<table>\n{head}", *pair_rows(note), "</table>"]
    return "\n".join([*parts, "</body>\n</html>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    text = page()
    if parser.parse_args().check:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            sys.exit(f"error: {PAGE.relative_to(ROOT)} is not current: run {Path(__file__).name}")
        return
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
