"""HTML of any quality goes in, its tags and the text between them come out, in linear time."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Possessive throughout (`*+`): nothing is tried twice, so no file takes longer than its length
# says. Python's html.parser needs minutes for 200 kB of unclosed tags.
TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)
    ((?: [^<>"'] | "[^"]*+" | '[^']*+' )*+ | [^<>]*+)>""",
    re.VERBOSE,
)
ATTRIBUTE = re.compile(
    r"""([^\s=>"'/]++) (?: \s*+ = \s*+ ("[^"]*+" | '[^']*+' | [^\s>"']++) )?""", re.VERBOSE
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands in the file: its name in lower case, `/` before that of an end tag."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)


def tags_and_text(source: str) -> Iterator[Tag | str]:
    """Yield each tag, and each piece of text between tags with its references resolved."""
    at = 0
    while (start := source.find("<", at)) >= 0:
        if start > at:
            yield html.unescape(source[at:start])
        if source.startswith("<!--", start):
            end = source.find("-->", start + 4)
            at = end + 3 if end >= 0 else len(source)  # an open comment takes the rest
        elif source.startswith(("<!", "<?"), start):
            end = source.find(">", start)
            at = end + 1 if end >= 0 else len(source)
        elif match := TAG.match(source, start):
            yield Tag(match[1] + match[2].lower(), _attributes(match[3]))
            at = match.end()
        else:
            yield "<"
            at = start + 1
    if at < len(source):
        yield html.unescape(source[at:])


def _attributes(inside: str) -> dict[str, str]:
    """Return the attributes in a tag by lower-case name; of two with one name, the first."""
    found: dict[str, str] = {}
    for name, value in ATTRIBUTE.findall(inside):
        bare = value[1:-1] if value[:1] in ("'", '"') else value
        found.setdefault(name.lower(), html.unescape(bare))
    return found
