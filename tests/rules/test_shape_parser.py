"""The syntax of the vocabulary: what cannot be read is refused, and the line is named."""

import pytest

from abonent.kit.shape_parser import Enumeration, Field, ObjectType, parse
from abonent.kit.shapes import Vocabulary, VocabularyError


def test_a_line_is_read_with_its_continuation_marks_and_abbreviation() -> None:
    types = parse(
        "# comment\nA: id= name! b:B[] c^:integer d~!:any\n    # inside\n    e:C @*~\nB: x\nC: | lone one |"
    )
    assert types["C"] == Enumeration("C", ("lone one",))
    assert types["A"] == ObjectType(
        "A",
        {
            "id": Field("id", server_set=True),
            "name": Field("name", mandatory=True),
            "b": Field("b", "B", many=True),
            "c": Field("c", "integer", later=True),
            "d": Field("d", "any", mandatory=True, fixed=True),
            "e": Field("e", "C"),
            "@baseType": Field("@baseType", fixed=True),
            "@schemaLocation": Field("@schemaLocation", "uri", fixed=True),
            "@type": Field("@type", fixed=True),
        },
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A: b:Missing", "line 1: A.b: no type Missing"),
        ("\n# note\nA: b\nA: c", "line 4: type A stands twice"),
        ("A: b b", "line 1: A: field b stands twice"),
        ("A: b!=", "contradict"),
        ("A: b=~", "contradict"),
        ("A: b^=", "contradict"),
        ("A: b:", "cannot read the field `b:`"),
        ("A: @*!", "never mandatory"),
        ("A: @*:string", "takes no type"),
        ("a: b", "expected `TypeName: ...`"),
        ("A b c", "expected `TypeName: ...`"),
        ("    b c\nA: d", "continues nothing"),
        ("A: b | | c", "distinct values"),
        ("A: b | b", "distinct values"),
        ("A: name\n    other:strnig", "line 1: A.other: no type strnig"),
    ],
)
def test_errors_of_a_vocabulary_name_the_line(text: str, message: str) -> None:
    with pytest.raises(VocabularyError, match="line") as caught:
        Vocabulary(text)
    assert message in str(caught.value)


def test_with_several_texts_the_error_names_the_text_too() -> None:
    with pytest.raises(VocabularyError, match=r"text 2, line 2: cannot read|text 2, line 2: B: cannot read"):
        Vocabulary("A: b", "\nB: ?")
