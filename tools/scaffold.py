"""Print an operation as two modules to finish by hand: ``python -m tools.scaffold getLoyaltyBalances``.

The first belongs into ``models/`` and has the classes that are missing, the second into ``endpoints/``. Names, types,
limits and what is required come from the facts; what a member means and whether a retry is safe, only a person can say.
"""

import re
import sys
from collections.abc import Iterator
from textwrap import indent
from typing import Final, NamedTuple

from attrs import define, field

from aiotalonone import models
from aiotalonone.operation import snake_case
from tools.facts import Facts
from tools.scaffold_models import Classes, meaning, plain_type
from tools.source import bracketed, imports_of, in_words, method_docstring, names_at_runtime, names_in
from tools.specs import VERSIONS, Spec, spec

_NO_CONTENT: Final = "204"
_SILENT: Final = "silent"

_ERRORS: Final = {
    "400": "BadRequestError: A value is invalid.",
    "404": "NotFoundError: It does not exist.",
}
"""Errors that a docstring names; the others are those of every method."""

_FOUND_IN: Final = {
    "collections.abc": ["Sequence"],
    "datetime": ["datetime"],
    "decimal": ["Decimal"],
    "typing": ["TYPE_CHECKING", "Any", "Literal", "overload"],
    "attrs": ["define", "field"],
    "aiotalonone.endpoints._base": ["EndpointGroup", "JSONObject", "yes_no"],
    "aiotalonone.models._base": ["Model"],
    "aiotalonone.models._fields": ["json_name", "length_between", "max_length", "number_between"],
    "aiotalonone.operation": ["Operation", "RetrySafety"],
}
_SUBJECTS: Final = {subject.__name__: subject.__all__ for subject in vars(models)["_SUBJECTS"]}


class Modules(NamedTuple):
    """The source of an operation's two modules."""

    models: str
    """Empty if every class exists."""
    endpoints: str


def scaffold(operation_id: str) -> Modules:
    """Return the modules of an operation, as the newest specification that has it says it.

    Raises:
        LookupError: No specification has the operation.
    """
    for specification in map(spec, reversed(VERSIONS)):
        if operation_id in specification.operations:
            return _Scaffold(specification, operation_id).modules()
    raise LookupError(f"no specification has an operation {operation_id}")


@define
class _Scaffold:
    """One operation, and the classes that it needs."""

    specification: Spec
    operation_id: str
    facts: Facts = field(init=False)
    path: list[str] = field(init=False)
    query: list[str] = field(init=False)
    success: list[str] = field(init=False)
    classes: Classes = field(init=False)
    body: str | None = field(init=False)
    result: str | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.facts = self.specification.operations[self.operation_id]
        self.path = re.findall(r"{(\w+)}", self.facts["path"])
        self.query = [parameter["name"] for parameter in self.facts["parameters"] if parameter["in"] == "query"]
        self.success = [status for status in self.facts["responses"] if status.startswith("2")]
        self.classes = Classes(self.specification)
        self.body = self._body()
        self.result = self._result()

    def modules(self) -> Modules:
        """Return both modules, with their imports."""
        return Modules(self._models() if self.classes.sources else "", self._endpoints())

    def _models(self) -> str:
        source = "\n\n\n".join(self.classes.sources.values())
        imports = imports_of(names_in(source), _FOUND_IN | _SUBJECTS)
        exported = bracketed(
            "__all__ = [", [_quoted(name) for name in sorted(self.classes.sources)], "]", is_tuple=True
        )
        gap = "\n\n\n" if source.startswith("@") else "\n\n"
        return f"{self._docstring_of_module()}{imports}\n\n{exported}{gap}{source}\n"

    def _endpoints(self) -> str:
        source = f"{self._constant()}\n\n\n{self._group()}\n"
        found_in = _FOUND_IN | {"aiotalonone.models": [*vars(models)["__all__"], *self.classes.sources]}
        needed = names_at_runtime(source)
        if for_checkers := imports_of(names_in(source) - needed, found_in):
            source = f"if TYPE_CHECKING:\n{indent(for_checkers, '    ')}\n\n{source}"
        imports = imports_of(needed | names_at_runtime(source), found_in)
        return f"{self._docstring_of_module()}from __future__ import annotations\n\n{imports}\n\n{source}"

    def _docstring_of_module(self) -> str:
        return f'"""{self.operation_id}, to be finished."""\n\n'

    @property
    def constant(self) -> str:
        """The name of the constant."""
        return snake_case(self.operation_id).upper()

    @property
    def result_type(self) -> str:
        """What the method returns."""
        if self.result is None:
            return "None"
        return f"{self.result} | None" if _NO_CONTENT in self.success else self.result

    @property
    def is_safe(self) -> bool:
        """Whether a retry is surely safe; of other operations a person decides it."""
        return bool(self.facts["method"] == "GET")

    def _body(self) -> str | None:
        if "body" not in self.facts:
            return None
        name: str = self.facts["body"]["schema"]["$ref"]
        self.classes.add(name, self.specification.schemas[name], in_request=True)
        return name

    def _result(self) -> str | None:
        schemas = [self.facts["responses"][status] for status in self.success if status != _NO_CONTENT]
        if not any(schemas):
            return None
        name = schemas[0].get("$ref") or self.operation_id.removeprefix("get")
        name = name[0].upper() + name[1:]
        self.classes.add(name, schemas[0], in_request=False)
        return name

    def _constant(self) -> str:
        explode = {parameter["name"]: parameter.get("explode") for parameter in self.facts["parameters"]}
        arguments = {
            "operation_id": _quoted(self.operation_id),
            "request": _quoted(f"{self.facts['method']} {self.facts['path']}"),
            "query": list(map(_quoted, self.query)),
            "repeated": [_quoted(name) for name in self.query if explode[name] is True],
            "comma_separated": [_quoted(name) for name in self.query if explode[name] is False],
            "success": self.success,
            "body": self.body and _quoted(self.body),
            "result": self.result and _quoted(self.result),
            "retry_safety": "RetrySafety.SAFE" if self.is_safe else "RetrySafety.UNSAFE",
        }
        lines = [_argument(name, value) for name, value in arguments.items() if value]
        return f"{self.constant}: Operation[{self.result_type}] = Operation(\n{''.join(lines)})"

    def _group(self) -> str:
        subject = self.facts["path"].split("/")[2]
        name = "".join(word.capitalize() for word in subject.split("_"))
        head = f'class {name}(EndpointGroup):\n    """{in_words(subject)}."""\n\n    __slots__ = ()\n\n'
        return head + "\n".join([*self._overloads(), self._method()])

    def _overloads(self) -> Iterator[str]:
        if self.result and _SILENT in self.query and _NO_CONTENT in self.success:
            for silent, result in (("Literal[False]", self.result), ("bool | None = None", self.result_type)):
                yield f"    @overload\n{self._signature(silent, result)} ..."

    def _method(self) -> str:
        arguments = [self.constant, *map(snake_case, self.path)]
        arguments += [f"body={snake_case(self.body)}"] if self.body else []
        for keyword in map(snake_case, self.query):
            arguments.append(f"{keyword}=" + (f"yes_no({keyword})" if keyword == _SILENT else keyword))
        head = "return await self._client.call(" if self.result else "await self._client.call("
        statement = bracketed(head, arguments, ")", indent=8)
        return f"{self._signature('bool | None = None', self.result_type)}\n{self._docstring()}\n{statement}"

    def _signature(self, silent: str, result: str) -> str:
        schemas = {parameter["name"]: parameter["schema"] for parameter in self.facts["parameters"]}
        taken = ["self", *(f"{snake_case(name)}: {plain_type(schemas[name])}" for name in self.path)]
        taken += [f"{snake_case(self.body)}: {self.body} | JSONObject"] if self.body else []
        taken += ["*"] if self.query else []
        for name in self.query:
            kind = silent if name == _SILENT else f"{plain_type(schemas[name])} | None = None"
            taken.append(f"{snake_case(name)}: {kind}")
        return bracketed(f"async def {snake_case(self.operation_id)}(", taken, f") -> {result}:", indent=4)

    def _docstring(self) -> str:
        schemas = {parameter["name"]: parameter["schema"] for parameter in self.facts["parameters"]}
        taken = [f"{snake_case(name)}: {meaning(name, schemas[name])}" for name in self.path]
        taken += [f"{snake_case(self.body)}: {in_words(self.body)}."] if self.body else []
        taken += [f"{snake_case(name)}: {meaning(name, schemas[name])}" for name in self.query]
        errors = [_ERRORS[status] for status in self.facts["responses"] if status in _ERRORS]
        safety = "Safe to retry" if self.is_safe else "Not safe to retry"
        safety += ", unless dry" if not self.is_safe and "dry" in self.query else ""
        last = f"API: ``{self.operation_id}``, {self.facts['method']} {self.facts['path']}. {safety}."
        return method_docstring(f"{in_words(self.operation_id)}.", {"Args": taken, "Raises": errors}, last)


def _argument(name: str, value: str | list[str]) -> str:
    if isinstance(value, str):
        return f"    {name}={value},\n"
    return bracketed(f"{name}=(", value, ",)," if len(value) == 1 else "),", indent=4, is_tuple=True) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"'


def main(operation_id: str) -> None:
    """Print the modules of an operation."""
    modules = scaffold(operation_id)
    print(f"# models\n{modules.models}\n\n# endpoints\n{modules.endpoints}", end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
