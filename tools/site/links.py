"""A Sphinx extension: links that lead out of ``docs/`` on GitHub lead to GitHub from the site."""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

_LINK: Final = re.compile(r"(?<=\]\()(\.\./[^)\s#]+)")
ON_THE_SITE: Final = {"CHANGELOG.md": "changelog.md"}
"""Files of the repository that a page includes."""


def leads_to(page: str, target: str, repository: str) -> str:
    """Return where a page's relative link leads from the site.

    Args:
        page: Path of the page, below ``docs/``.
        target: The link, without its anchor.
        repository: URL of the repository.
    """
    folder = PurePosixPath("docs", page).parent
    path = normpath(str(folder / target))
    if path.startswith("docs/"):
        return target
    if path in ON_THE_SITE:
        return f"{'../' * (len(folder.parts) - 1)}{ON_THE_SITE[path]}"
    return f"{repository}/blob/main/{path}"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the rewriting of links."""
    app.connect("source-read", _rewrite)
    return {"parallel_read_safe": True}


def _rewrite(app: Sphinx, name: str, source: list[str]) -> None:
    page = Path(app.env.doc2path(name)).relative_to(app.srcdir).as_posix()
    repository = app.config.html_theme_options["source_repository"]
    source[0] = _LINK.sub(lambda link: leads_to(page, link[1], repository), source[0])
