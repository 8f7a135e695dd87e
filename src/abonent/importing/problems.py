"""What can be wrong with an import. These texts go to the person at the command line, as they are."""

from abonent.kit.errors import BadInput


class MappingProblem(BadInput):
    """The mapping cannot be used; the fact `path` names the key at fault. Nothing was read yet."""


class FileProblem(BadInput):
    """The file as a whole cannot be used: encoding, header, quotes."""


class RowProblem(Exception):
    """One row cannot be taken; the message names the column, what is wrong and how to mend it."""
