"""Models into JSON values: exact, and nothing that the caller did not set."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
from cattrs import Converter, override
from cattrs.fns import identity
from cattrs.gen import make_dict_unstructure_fn

from aiotalonone.codec.fields import EXTRA, is_date, is_number, is_plain, json_name
from aiotalonone.dates import rfc3339

Hook = Callable[[Any], Any]


def register(converter: Converter) -> None:
    """Teach the converter to write: models by their JSON names, dates, and everything else as it is."""
    converter.register_unstructure_hook_factory(is_number, lambda _: identity)
    converter.register_unstructure_hook_factory(is_plain, lambda _: identity)
    converter.register_unstructure_hook_factory(is_date, lambda _: _write_date)
    converter.register_unstructure_hook_factory(attrs.has, _model_hook)


def _model_hook(kind: type[Any], converter: Converter) -> Hook:
    members: dict[str, Any] = {
        attribute.name: override(
            rename=json_name(attribute),
            omit=attribute.name == EXTRA,
            omit_if_default=attribute.default is None,
        )
        for attribute in attrs.fields(kind)
    }
    write: Hook = make_dict_unstructure_fn(kind, converter, **members)

    def write_model(model: Any) -> Any:
        if type(model) is not kind:  # what reading kept as it came, a lone null for one
            return converter.unstructure(model)
        written: dict[str, Any] = write(model)
        return {**model.extra, **written} if model.extra else written

    return write_model


def _write_date(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value
