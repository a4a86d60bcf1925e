"""Facts of clinical English: what a text states, by rules, and what another text makes of it.

A library: screens and the stage `fidelity` hold a rephrase against its passage with it. The rules
are of linear time; nothing is learnt. docs/fidelity.md says what they cannot see.
"""
