"""Words of English news that tell who speaks: titles, offices, nationalities, verbs and nouns of saying.

Normalised as `stance.holders.tokenize_names` does: lower case, no diacritics, British spelling of defence.
"""

from __future__ import annotations

from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTRIES = {
    word: country
    for country, words in {
        "Turkey": "turkey turkish turkiye turkiyes turks turk ankara",
        "United States": "us american america americans washington",
        "Russia": "russia russian russians moscow",
        "Greece": "greece greek greeks athens hellenic",
        "Cyprus": "cyprus cypriot nicosia",
        "Israel": "israel israeli israelis zionist",
        "Germany": "germany german berlin",
        "France": "france french paris",
        "United Kingdom": "britain british uk london",
        "Italy": "italy italian rome",
        "Spain": "spain spanish madrid",
        "Netherlands": "netherlands dutch",
        "Poland": "poland polish warsaw",
        "Armenia": "armenia armenian yerevan",
        "Azerbaijan": "azerbaijan azerbaijani azeri baku",
        "Ukraine": "ukraine ukrainian kyiv kiev",
        "Iran": "iran iranian tehran",
        "Saudi Arabia": "saudi riyadh",
        "Qatar": "qatar qatari doha",
        "India": "india indian delhi",
        "China": "china chinese beijing",
        "Egypt": "egypt egyptian cairo",
        "Serbia": "serbia serbian belgrade",
        "Syria": "syria syrian damascus",
        "Libya": "libya libyan tripoli",
        "United Arab Emirates": "emirati uae",
        "Pakistan": "pakistan pakistani islamabad",
        "Denmark": "denmark danish copenhagen",
        "Norway": "norway norwegian oslo",
        "Sweden": "sweden swedish stockholm",
        "Finland": "finland finnish helsinki",
        "Estonia": "estonia estonian tallinn",
        "Latvia": "latvia latvian riga",
        "Lithuania": "lithuania lithuanian vilnius",
        "Austria": "austria austrian vienna",
        "Hungary": "hungary hungarian budapest",
        "Slovakia": "slovakia slovak bratislava",
        "Czechia": "czechia czech prague",
        "Bulgaria": "bulgaria bulgarian sofia",
        "Romania": "romania romanian bucharest",
        "Canada": "canada canadian ottawa",
        "Japan": "japan japanese tokyo",
        "NATO": "nato alliance",
        "European Union": "eu european",
    }.items()
    for word in words.split()
}
"""Names of countries and their people, capitals included, and the two bodies whose offices are named like states'."""

TITLES = _words(
    """
    mr mrs ms dr president prime minister premier chancellor secretary senator sen senators representative
    rep reps congressman congresswoman general gen lt maj col adm admiral colonel major captain ambassador
    spokesman spokeswoman spokesperson professor prof chairman deputy vice acting former foreign defence
    interior state chief leader adviser analyst expert lawmaker aide envoy commander undersecretary sir hon
    sec gov rear republican democrat republicans democrats lieutenant retired brig brigadier mister res
    counterpart colleague boss speaker seyyed fm pm seyed marshal air field wing
    """
)
"""What stands before a name and is no part of it."""

PRONOUNS = {"he", "she", "they", "we", "i", "it"}

GROUPS = _words(
    """
    official officials diplomat diplomats source sources authorities side government administration
    lawmakers representatives leaders generals negotiators delegation delegates envoys parliamentarians
    """
)
"""Nouns that, behind a nationality, stand for the country."""

SPEAKS_FOR = GROUPS | {
    "spokesman", "spokeswoman", "spokesperson", "aide", "aides", "note", "spokespeople", "press", "insider", "insiders",
}  # fmt: skip
"""Nouns that, behind a body, speak for it."""

UNNAMED = _words(
    """
    senior top high-ranking ranking unnamed anonymous former high level defence foreign military security
    government new own newly elected then diplomatic presidential embassy
    """
)
"""What may stand between a nationality and such a noun."""

FIRST_PERSON = {"we", "i", "our", "my", "me"}

SOMEBODY = {
    "general",
    "members",
    "authors",
    "man",
    "woman",
    "men",
    "people",
    "expert",
    "experts",
    "analyst",
    "researcher",
}
"""Nouns of people without a name."""

ANAPHORS = {
    "minister": "minister", "president": "president", "premier": "prime minister", "spokesman": "spokesman",
    "spokeswoman": "spokesman", "spokesperson": "spokesman", "senator": "senator", "senators": "senator",
    "secretary": "secretary", "general": "general", "ambassador": "ambassador", "envoy": "envoy",
    "chancellor": "chancellor",
    "official": "official", "diplomat": "diplomat", "lawmaker": "lawmaker", "lawmakers": "lawmaker",
    "congressman": "lawmaker", "congresswoman": "lawmaker", "leader": "leader", "analyst": "analyst",
    "expert": "expert",
    "commander": "commander", "admiral": "general", "adviser": "adviser", "advisor": "adviser", "aide": "aide",
    "politician": "politician", "chairman": "chairman", "professor": "expert", "researcher": "expert",
    "ministry": "ministry", "department": "department", "alliance": "alliance", "committee": "committee",
    "company": "company", "party": "party", "bloc": "bloc", "columnist": "expert", "republican": "lawmaker",
    "democrat": "lawmaker",
}  # fmt: skip
"""Nouns that stand for somebody named before, to a rough role."""

SHORTENED = {"government", "administration", "presidency", "parliament", "opposition", "military", "embassy"}
"""Single nouns that, without its country, name a body."""

POINTING = {"the", "this", "that", "same"}
"""Words before a noun that point back."""

COMMON = _words(
    """
    a an the this that these those there here it its he she they we i you his her their our my your and or
    but nor yet so if when while as after before since until although though because despite in on at by for
    from with without within over under between among against of to into up down out off about above across
    during through per via both either neither each every all some any no not none one two three four five
    six seven eight nine ten first second third last next new old same such other another what which who
    whom whose why how where whether more most less least much many few several also still even only just
    then than now today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december feb mar apr jun jul
    aug sep sept oct nov dec according asked said says say told added is are was were be been being has have
    had do does did can could will would shall should must might let see read photo file image caption
    related click share breaking update analysis opinion report reports source sources text letter video
    north south east west northern southern eastern western middle black sea mediterranean aegean s400 s400s
    s300 f35 f35s f16 f16s patriot patriots caatsa congress senate house state defence foreign treasury
    union nations united council security islamic republic air force army navy program programme triumf
    triumph missile missiles system systems crisis war peace deal journalists reporters reporter question
    answer well yes okay meanwhile however moreover instead earlier later earthquake football league cup
    bank lira dollar euro english friday's weeks days years ministry office parliament relations committee
    commission caucus party people's national world international general assembly summit conference
    interview meeting press agency daily news tv radio tass reuters anadolu hurriyet sabah milliyet twitter
    facebook bloomberg
    """
)
"""Capitalised words that open sentences or name things, and never a person."""

_VARIANTS = {
    "president": ("head of state", "leader", "strongman"),
    "prime minister": ("premier", "pm"),
    "foreign minister": ("minister of foreign affairs", "fm", "top diplomat", "foreign affairs minister",
                         "chief diplomat"),
    "defence minister": ("minister of defence", "minister of national defence", "national defence minister",
                         "defence chief"),
    "secretary of state": ("state secretary", "us secretary of state"),
    "secretary of defence": ("defence secretary", "pentagon chief", "head of pentagon", "head of the pentagon",
                             "pentagon head", "pentagon boss", "defence minister"),
    "secretary general": ("secretary-general", "chief", "general secretary", "boss"),
    "national security adviser": ("national security advisor",),
    "presidential spokesman": ("presidency spokesman", "president spokesman", "spokesman for the presidency"),
    "state department spokesman": ("department of state spokesman",),
    "chief of the general staff": ("chief of general staff", "chief of staff"),
    "party leader": ("opposition leader", "main opposition leader"),
}  # fmt: skip


def role_phrases(roles: Iterable[str]) -> dict[str, str]:
    """Return every way to write the roles, as normalised words joined by spaces, to the role."""
    phrases: dict[str, str] = {}
    for role in sorted(roles):
        for phrase in (role, *_VARIANTS.get(role, ())):
            for word in ("spokesman", "spokeswoman", "spokesperson") if "spokesman" in phrase else ("",):
                written = phrase.replace("spokesman", word) if word else phrase
                phrases.setdefault(written.replace("defense", "defence").replace("-", " "), role)
    for vague in ("spokesman", "analyst", "director", "commander", "mayor", "chief", "senator", "representative"):
        phrases.pop(vague, None)  # names no office by itself
    return phrases


SAYING = _words(
    """
    said says say saying told tells tell telling added adds adding stressed stresses stressing noted notes
    noting stated states stating warned warns warning insisted insists insisting argued argues arguing
    announced announces vowed vows vowing declared declares emphasized emphasised emphasizes underlined
    underlines underscored reiterated reiterates repeated repeats explained explains claimed claims
    maintained maintains asserted asserts urged urges urging demanded demands demanding rejected rejects
    dismissed dismisses denied denies denounced condemned condemns criticized criticised slammed blasted
    accused hinted hints suggested suggests signalled signaled signals indicated indicates proposed proposes
    promised promises pledged confirmed confirms recalled recalls reminded reminds replied replies responded
    responds answered answers wrote writes tweeted described describes commented remarked continued conceded
    concedes admitted admits acknowledged acknowledges observed concluded cautioned predicted predicts
    assured expressed voiced quipped joked complained protested objected echoed informed confessed
    threatened threatens appealed advised disclosed revealed retorted countered shrugged muttered conveyed
    boasted lamented testified floated poured
    """
)
"""Forms of verbs of saying."""

THINKING = _words(
    """
    called calls calling asked asks asking believes believed believe thinks thought think expects expected
    expect hopes hoped hope wants wanted want opposes opposed oppose supports supported backs backed
    defended defends welcomed welcomes praised praises let made went put hit gave spoke counted sees see
    considers considered regards refuses refused pointed offered offers fears feared doubts doubted reads
    prefers preferred favours favors wished wishes reported disagrees agrees agreed seeks
    """
)
"""Forms of verbs of thinking and taking a position, which say as much only where nobody says anything."""

CUES = SAYING | THINKING
"""Forms of verbs that tell whose words or mind a sentence gives."""

CUE_NOUNS = _words(
    """
    statement remarks comments words speech interview letter tweet briefing message according
    """
)
"""Nouns whose possessor or author speaks."""

ACTS = _words(
    """
    sanctioned sanctions imposed imposes removed removes expelled expels suspended suspends excluded
    excludes ejected barred bars blocked blocks halted halts stopped stops froze freezes cancelled canceled
    banned bans kicked dropped delivers delivered deliver shipped ships bought buys buy purchased acquired
    acquires installs installed deployed tested tests activated activates waived waives lifted lifts eased
    eases delayed delays postponed postpones shelved cleared approved approves passed adopted voted signed
    signs accepts accepted receives received takes took plans planned intends considers weighs prepares
    seeks sought keeps kept stands stood has had continues
    """
)
"""Forms of verbs of acting on the purchase."""

PREPOSITIONS = _words(
    """
    to with of from against by for in on at over about between toward towards into under upon through near
    after before despite without than like around
    """
)

AUXILIARIES = _words(
    """
    has have had will would can could may might must should is are does do did
    """
)
"""Verbs that come with another, and tell that what stands before them is a subject."""

TAKES_OBJECT = _words(
    """
    told tells tell urged urges asked asks warned warns called calls reminded reminds assured informed
    accused wants wanted advised sees expects expected let see want
    """
)
"""Verbs that are followed by the one who is told, not by the one who speaks."""

LINKS = _words("deputy head director procurement policy press acquisition budget whip star hawk veteran")
"""What may stand between a body and the name of somebody in it."""
