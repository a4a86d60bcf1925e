"""The words that fill the slots of `templates`; of each list the last are for test patients.

Lists by stage hold what a patient at that stage no longer can do, or still can.
"""

STAGES = ("mild", "moderate", "severe")


def _phrases(text: str) -> tuple[str, ...]:
    """Phrases that are separated by semicolons."""
    return tuple(text.split("; "))


# stage -> what is forgotten; objects of "forgets", "remembers", "recalls", "knows"
FORGETS: dict[str, tuple[str, ...]] = {
    "mild": _phrases(
        "recent conversations; appointments; what was said an hour ago; "
        "the names of new acquaintances; what {he} had for breakfast; the items on a short list; "
        "the plans for the day; where {his} keys are"
    ),
    "moderate": _phrases(
        "the names of {his} grandchildren; {his} home address; the current year; "
        "how to use the stove; what was said minutes ago; whether {he} has eaten; "
        "the way to the bathroom; which day of the week it is"
    ),
    "severe": _phrases(
        "the names of {his} children; where {he} is; how to use a fork; "
        "the faces of close relatives; {his} own birthday; what a toothbrush is for; "
        "the names of common objects; who {his} visitors are"
    ),
}
DEFICITS: dict[str, tuple[str, ...]] = {
    "mild": _phrases(
        "short-term memory loss; word-finding difficulty; forgetfulness; impaired attention; "
        "executive dysfunction; poor recall; amnesia for recent events; anomia"
    ),
    "moderate": _phrases(
        "disorientation to time; short-term memory loss; impaired judgment; "
        "repetitive questioning; getting lost in familiar places; "
        "difficulty following conversation; ideomotor apraxia; temporal disorientation"
    ),
    "severe": _phrases(
        "profound memory loss; global disorientation; sparse speech; "
        "inability to recognize family; inability to follow commands; severe memory impairment; "
        "near mutism; loss of meaningful speech"
    ),
}
ORIENTED: dict[str, tuple[str, ...]] = {
    "mild": ("A&Ox2", "oriented to self and place", "oriented except to date"),
    "moderate": (
        "A&Ox1-2",
        "oriented to self and sometimes place",
        "oriented to self, not to time",
    ),
    "severe": ("A&Ox1", "oriented to self only", "disoriented except to name"),
}
TASKS: dict[str, tuple[str, ...]] = {
    "mild": _phrases(
        "finances; {his} pill box; grocery shopping; paying bills; transportation; paperwork; "
        "household accounts; errands"
    ),
    "moderate": _phrases(
        "bathing; cooking; dressing; medications and meals; laundry and housework; "
        "picking out clothes; showering; IADLs"
    ),
    "severe": _phrases(
        "feeding; all ADLs; toileting; dressing and bathing; oral care; eating and dressing; "
        "personal hygiene; basic self-care"
    ),
}
BEHAVIOURS: tuple[str, ...] = _phrases(
    "agitation; apathy; sundowning; wandering; irritability; paranoia; pacing; refusal of care; "
    "disinhibition; visual hallucinations; calling out; delusions of theft; restlessness; "
    "misidentification of relatives"
)
# change -> keys of lexicon.SYMPTOMS that the stay must neither deny nor explain
BODY: dict[str, tuple[str, ...]] = {
    "muscle wasting": (),
    "shuffling gait": ("inability to walk",),
    "loss of smell": (),
    "slow weight loss": ("weight loss", "weight gain", "poor appetite"),
    "sleep-wake reversal": (),
    "oropharyngeal dysphagia": ("slurred speech",),
    "gait instability": ("inability to walk",),
    "chronic incontinence": ("incontinence", "retention", "frequency", "dysuria"),
    "day-night reversal": (),
    "anosmia": (),
    "sarcopenia": (),
}
ATROPHY: tuple[str, ...] = _phrases(
    "hippocampal atrophy; medial temporal atrophy; cerebral atrophy; enlarged ventricles; "
    "cortical volume loss; parietal atrophy; bitemporal volume loss; ventriculomegaly"
)
SCANS: tuple[str, ...] = ("MRI brain", "head MRI", "structural MRI", "MRI of the brain")
# tests that show the disease, and tests that look for another cause; several are separated by |
MARKERS: tuple[str, ...] = _phrases(
    "FDG-PET; amyloid PET; CSF amyloid and tau; MRI brain|FDG-PET; plasma p-tau; "
    "SPECT perfusion scan"
)
BLOODS: tuple[str, ...] = _phrases(
    "vitamin B12 level|TSH; RPR|vitamin B12 level; TSH|RPR; vitamin B12 level|folate level; "
    "HIV test|RPR; thyroid function tests|vitamin B12 level"
)
BEDSIDE: tuple[str, ...] = _phrases(
    "clock drawing; three-word recall; serial sevens; Mini-Cog; trail making; category fluency; "
    "months backwards; intersecting pentagons"
)
THERAPIES: tuple[str, ...] = _phrases(
    "cognitive stimulation therapy; memory training; reminiscence therapy; reality orientation; "
    "cognitive rehabilitation; music therapy; spaced retrieval training; validation therapy"
)
AIDS: dict[str, tuple[str, ...]] = {
    "mild": _phrases(
        "a pocket notebook; phone alarms; a large wall calendar; sticky notes; "
        "a whiteboard in the kitchen; a written daily plan; a voice recorder; "
        "a tablet with reminders"
    ),
    "moderate": _phrases(
        "a large wall calendar; labels on the drawers; a whiteboard in the kitchen; "
        "a written daily plan; a locked pill dispenser; color-coded doors; a talking clock; "
        "a memory book"
    ),
    "severe": _phrases(
        "picture cards; labels on the drawers; a photo album; a large-print schedule; "
        "color-coded doors; a picture of the toilet on the door; a life story box; a talking clock"
    ),
}
OVERSIGHT: dict[str, tuple[str, ...]] = {
    "mild": _phrases(
        "daily check-ins; regular reminders; weekly visits by a nurse; daily phone calls"
    ),
    "moderate": _phrases(
        "daytime supervision; supervision with meals and pills; someone at home overnight; "
        "standby help all day"
    ),
    "severe": _phrases(
        "24 hour supervision; round-the-clock care; constant supervision; a live-in aide"
    ),
}
# who reports; {carer} is the relative who cares
REPORTERS: tuple[str, ...] = _phrases(
    "family; {carer} and a neighbor; {his} family; {carer}; friends; the visiting nurse"
)
