import re

from store import errors


def subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {}
    parents = []
    for line in errors.__doc__.splitlines():
        if match := re.match(r"( {4}[ │├└─]*)(\w+Error)\b", line):
            depth = (len(match[1]) - 4) // 4
            parents[depth:] = [match[2]]
            drawn[match[2]] = parents[depth - 1] if depth else None
    real = {cls.__name__: cls.__base__.__name__ for cls in subclasses(errors.CinedexError)}
    assert drawn == {"CinedexError": None, **real}


def test_exit_codes_are_those_of_the_design():
    codes = {"InputError": 2, "LibraryError": 4, "WeightsError": 5, "MediaError": 6}
    assert errors.CinedexError.exit_code == 1
    for name, code in codes.items():
        branch = getattr(errors, name)
        assert {cls.exit_code for cls in (branch, *subclasses(branch))} == {code}
