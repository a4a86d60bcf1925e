"""The study that `palimpsest init` writes: from a CSV file's notes to table 1."""

STUDY = """\
# yaml-language-server: $schema={schema}
#
# Written by `palimpsest init`. What is wrong with it: palimpsest check {study}
# What it would run: snakemake -n --configfile {study}
# docs/own-notes.md goes on from here; docs/configuration.md has every key.
results: results/{results}
seed: 2411

# Shares of patients, drawn before anything else. LLMs and trainings see train patients alone.
splits: {{train: 0.7, valid: 0.1, test: 0.2}}

sources:
  - name: notes
    kind: table
    paths: [{paths}]
    columns: {{{columns}}}{category}

passages:
  tokenizer: {tokenizer}
  max_tokens: 130 # more for an LLM that is not as small as the demo's: 300

rephrasings:
  - source: notes
    llms: [{llm}]
    prompts: [{prompt}]
    tokens: {asked}

screens:
  - name: injection
  - name: truncated
  - name: thinking
  - name: refusal
  - name: chat_residue
  - name: prompt_echo
  - {{name: length, min_ratio: 0.3, max_ratio: 2.0}}
  - {{name: repetition, max_share: 0.3}}
  - {{name: copy, max_share: 0.8}}
  - {{name: off_topic, min_share: 0.2}}
  - name: unfinished

# Of equal size, so that they compare. Raise `tokens` here, and above, when you have seen the yield.
corpora:
  - name: original
    parts:
      - {{kind: notes, source: notes, tokens: {budget}}}
  - name: rephrased
    parts:
      - {{kind: rephrases, source: notes, llm: {llm}, prompt: {prompt}, tokens: {budget}}}

tables:
  - {{name: table1, kind: corpora, corpora: [original, rephrased]}}

# People judge a sample of the rephrases on a page of its own: see docs/reviews.md.
reviews:
  - {{name: rephrased, corpus: rephrased, items: 50}}

# A pack for a reviewer, `snakemake results/{results}/evidence/pack.zip`: see docs/evidence.md.
# evidence:
#   - {{name: pack, title: ..., creators: [...], published: "2026-01-31", licence: CC-BY-4.0}}
"""
