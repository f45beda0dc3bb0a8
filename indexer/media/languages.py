"""Language codes as containers write them, as the two letters that models declare; and names.

Source: ISO 639-2, bibliographic and terminological codes; https://www.loc.gov/standards/iso639-2/
"""

import unicodedata

# Two letters, then the three-letter codes of the same language.
_CODES = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel
bg:bul bi:bis bm:bam bn:ben bo:bod,tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces,cze
cu:chu cv:chv cy:cym,wel da:dan de:deu,ger dv:div dz:dzo ee:ewe el:ell,gre en:eng eo:epo es:spa
et:est eu:eus,baq fa:fas,per ff:ful fi:fin fj:fij fo:fao fr:fra,fre fy:fry ga:gle gd:gla gl:glg
gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv,scr ht:hat hu:hun hy:hye,arm hz:her ia:ina
id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl,ice it:ita iu:iku ja:jpn jv:jav ka:kat,geo kg:kon
ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat
lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri,mao mk:mkd,mac ml:mal
mn:mon mr:mar ms:msa,may mt:mlt my:mya,bur na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld,dut nn:nno
no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por
qu:que rm:roh rn:run ro:ron,rum ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin sk:slk,slo
sl:slv sm:smo sn:sna so:som sq:sqi,alb sr:srp,scc ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel
tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr
ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho,chi zu:zul
"""
# As the files of people are named: in English, and as those call it who speak it.
_NAMES = """
af:afrikaans am:amharic ar:arabic,العربية az:azerbaijani,azeri be:belarusian bg:bulgarian,български
bn:bengali,bangla bo:tibetan br:breton bs:bosnian,bosanski ca:catalan,català cs:czech,čeština,cesky
cy:welsh,cymraeg da:danish,dansk de:german,deutsch el:greek,ελληνικά en:english eo:esperanto
es:spanish,español,espanol,castellano,castilian et:estonian,eesti eu:basque,euskara
fa:farsi,persian,فارسی fi:finnish,suomi fil:filipino fo:faroese fr:french,français,francais
fy:frisian ga:irish,gaeilge gd:gaelic gl:galician,galego gu:gujarati ha:hausa he:hebrew,עברית
hi:hindi,हिन्दी hr:croatian,hrvatski ht:haitian hu:hungarian,magyar hy:armenian
id:indonesian,indonesia ig:igbo is:icelandic,íslenska it:italian,italiano ja:japanese,日本語
jv:javanese ka:georgian kk:kazakh kl:greenlandic km:khmer,cambodian kn:kannada ko:korean,한국어
ku:kurdish ky:kyrgyz la:latin lb:luxembourgish lo:lao,laotian lt:lithuanian,lietuvių
lv:latvian,latviešu mg:malagasy mi:maori mk:macedonian ml:malayalam mn:mongolian mr:marathi
ms:malay,melayu mt:maltese my:burmese ne:nepali nl:dutch,nederlands,flemish,vlaams
no:norwegian,norsk nb:bokmål,bokmal nn:nynorsk or:odia pa:punjabi pl:polish,polski ps:pashto
pt:portuguese,português,portugues,brazilian,brasileiro qu:quechua ro:romanian,română,moldavian
ru:russian,русский sa:sanskrit sd:sindhi se:sami si:sinhala,sinhalese sk:slovak,slovenčina
sl:slovenian,slovene,slovenščina so:somali sq:albanian,shqip sr:serbian,srpski,српски su:sundanese
sv:swedish,svenska sw:swahili ta:tamil te:telugu tg:tajik th:thai,ไทย tk:turkmen tl:tagalog
tr:turkish,türkçe,turkce tt:tatar uk:ukrainian,українська ur:urdu uz:uzbek
vi:vietnamese,việt wo:wolof xh:xhosa yi:yiddish yo:yoruba yue:cantonese
zh:chinese,mandarin,chs,cht,中文 zu:zulu
"""
# Undetermined, no linguistic content, several, uncoded.
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis"})


def _read_codes() -> dict[str, str]:
    pairs = (entry.split(":") for entry in _CODES.split())
    return {long: short for short, longs in pairs for long in longs.split(",")}


def _read_names() -> dict[str, str]:
    pairs = (entry.split(":") for entry in _NAMES.split())
    return {_folded(name): code for code, names in pairs for name in names.split(",")}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


_SHORT_BY_LONG = _read_codes()
_CODES_BY_NAME = _read_names()
# Spoken in films, and without a code of two letters.
_LONG_ONLY = frozenset(
    {"ast", "ceb", "ckb", "cmn", "fil", "gsw", "haw", "hmn", "nan", "nds", "yue"}
)
_KNOWN = frozenset(_SHORT_BY_LONG.values()) | _LONG_ONLY


def is_language(code: str) -> bool:
    """Say whether a code, as ``short_language`` returns it, is one that is given to a language."""
    return code in _KNOWN


def short_language(stated: str | None) -> str | None:
    """Return a language's two-letter code, else its three-letter one, else ``None``.

    Example:
        >>> [short_language(stated) for stated in ("eng", "ger", "pt-BR", "yue", "und", "", None)]
        ['en', 'de', 'pt', 'yue', None, None, None]
    """
    primary = (stated or "").strip().lower().replace("_", "-").split("-")[0]
    if primary in _NO_LANGUAGE or not (
        primary.isascii() and primary.isalpha() and len(primary) in (2, 3)
    ):
        return None
    return _SHORT_BY_LONG.get(primary, primary)


def named_language(name: str) -> str | None:
    """Return the code of a language that is called by one word, as ``short_language`` would.

    Example:
        >>> [named_language(name) for name in ("Farsi", "Español", "Klingon")]
        ['fa', 'es', None]
    """
    return _CODES_BY_NAME.get(_folded(name))
