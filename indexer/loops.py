"""Lines that a recogniser repeats or makes up where there is only music or silence.

A decoder that has nothing to hear falls back on what its training subtitles say over credits, and a
decoder that hears a beat says one line again and again, also from one piece of a track to the next.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from indexer.findings import Finding

# People say a line three times over; four times in a row is a loop, and the line is worth nothing
# unless the model was sure of it.
_LOOP_LINES = 4
_SURE = 0.8
# A line of these stands where nobody speaks; somebody who does say it says it once, clearly.
# Source: users' reports to the Whisper repository of subtitle credits and thanks to viewers over
# silence and music, https://github.com/openai/whisper/discussions/928 and /679. The list itself is
# put together from what is commonly reported; no publication gives it.
_CREDIT = re.compile(
    r"""
    thanks?(\ you)?(\ so\ much|\ very\ much)?\ for\ (watching|listening)
    | (please\ )?(like\ and\ )?subscribe(\ to\ (my|our|the)\ channel)?
    | see\ you\ (in\ the\ )?next\ (time|video)
    | (\w+\ ){0,6}amara\ ?org(\ \w+){0,3}
    | untertitel(ung)?\ (im\ auftrag\ )?(des|der|von)\ \w+(\ für\ funk)?(\ \d{4})?
    | sous[\ -]titr\w+\ (\w+\ ){0,4}(radio\ canada|st\ 501)
    | vielen\ dank\ fürs?\ zuschauen | merci\ d\ avoir\ regardé(\ cette\ vidéo)?
    | gracias\ por\ ver(\ el\ v[ií]deo)? | obrigad[oa]\ por\ assistir
    | продолжение\ следует | субтитры\ (\w+\ )+dimatorzok
    | ご視聴ありがとうございました | 시청해주셔서\ 감사합니다
    | 請不吝點贊\ 訂閱\ 轉發\ 打賞支持明鏡與點點欄目
    """,
    re.VERBOSE,
)


def without_loops(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out loops and made-up credits; of a loop that the model was sure of one line stays.

    Args:
        findings: Of kind ``speech`` in time order, of a whole track.
    """
    spoken = Counter(map(_line, findings))
    return [
        finding
        for run in _runs(findings)
        for finding in _kept(run)
        if not _is_made_up(finding, spoken)
    ]


def _runs(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Group findings that follow each other and say the same."""
    for _, run in groupby(findings, key=_line):
        yield list(run)


def _kept(run: Sequence[Finding]) -> Sequence[Finding]:
    if len(run) < _LOOP_LINES:
        return run
    return run[:1] if (run[0].confidence or 0.0) >= _SURE else ()


def _is_made_up(finding: Finding, spoken: Counter[str]) -> bool:
    line = _line(finding)
    if not _CREDIT.fullmatch(line):
        return False
    return spoken[line] > 1 or (finding.confidence or 0.0) < _SURE


def _line(finding: Finding) -> str:
    """Return the words alone."""
    return " ".join(re.findall(r"\w+", finding.text.casefold()))
