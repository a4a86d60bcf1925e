"""Sentences that look like a category of dementia and show none: relatives at the bedside, help
that an acute illness needs, tests for something else, dementia of somebody else, and denials.

Of each list the last templates are for test patients, see `holdout`. Slots: {pt}, {he}, {his},
{him}, {carer}.
"""

# of any patient, dementia or not
HISTORY: tuple[str, ...] = (
    "{carer} drove {him} to the hospital",
    "family was worried about how sick {he} looked and called 911",
    "{carer} called the ambulance because of the acute symptoms",
    "had an eye exam and new glasses last month",
    "the visiting nurse found the vital signs off and called the PCP",
    "family helped {him} to the car on the day of admission",
    "{carer} brought the home medications in a bag",
    "outside hospital records were requested",
    "neighbors drove {him} to urgent care first",
    "{carer} stayed with {him} in the ED",
)
COURSE: tuple[str, ...] = (
    "family at bedside and updated daily",
    "code status was discussed with {carer}",
    "social work helped with transport",
    "{carer} was worried about the cost of the rehab stay",
    "needed help to the bathroom during the first days of the acute illness",
    "an interpreter helped with the consent form",
    "nutrition saw {him} for a low salt diet",
    "fall risk score was high, bed alarm on",
    "nervous before the blood draw, reassured",
    "slept poorly because of noise in the room",
    "case management reviewed the insurance with {carer}",
    "restarted on a regular diet, meal trays set up while on bed rest",
    "the team called {carer} with results",
    "nursing gave a hand with the walker until steady",
)
SOCIAL: tuple[str, ...] = (
    "{carer} visits on weekends",
    "enjoys card games",
    "sings in the church choir",
    "cared for {his} late mother, who had [dementia|p~]",
    "has a cat",
    "a sister lives in a nursing home",
    "worked as a teacher for many years",
    "likes to garden with {carer}",
    "an uncle with [memory loss|p~] lived with the family for years",
    "keeps in touch with old colleagues",
)
ADVICE: tuple[str, ...] = (
    "bring your questions to the next visit",
    "ask someone to drive you home today",
    "walk a little more every day",
    "please bring this letter to your doctor",
    "we talked with your family about the plan",
    "your nurse will call you in two days",
    "eat small meals and drink enough",
    "someone from our team will check on you by phone",
)
# of a patient without dementia only: they deny what would be a sign
SOUND_HISTORY: tuple[str, ...] = (
    "no [memory loss|p-] per family",
    "denies [memory complaints|p-]",
    "manages {his} own money and pills",
    "{carer} reports that {he} is sharp as ever",
    "lives an active life and drives",
    "family has seen no [cognitive decline|p-]",
    "could not name the exact dose of one pill",
    "forgot the medication list at home",
    "needs no help at home",
    "thinking has been clear throughout the illness",
)
SOUND_ADVICE: tuple[str, ...] = (
    "use a pill box if that helps you",
    "an alarm can help you to take every dose",
    "write down your weight every morning",
    "keep a list of your pills in your wallet",
    "you may go back to your usual routine",
    "set a reminder for the blood test",
)
