"""How Sphinx builds the site: ``python -m nox -s docs``."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the extensions in tools/

from aiotalonone import __version__  # noqa: E402

REPOSITORY = "https://github.com/aiotalonone/aiotalonone"

project = "aiotalonone"
author = "the aiotalonone authors"
project_copyright = "the aiotalonone authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "tools.reference", "tools.site_links"]
nitpicky = True
nitpick_ignore_regex = [
    # The inventories of other projects are on the net, and the site is built without it.
    (r"py:.*", r"(aiohttp|attrs?|collections|contextlib|datetime|decimal|enum|fastapi|httpx2?|logging|opentelemetry)\..*"),
    (r"py:.*", r"aiotalonone\..*\.(T|P|Entry|Group)"),  # type variables
    (r"py:class", r"aiotalonone\.(bulk\.job\.JobOptions|pipeline\.lifecycle\.ClientOptions)"),  # told by their users
    (r"py:class", r"aiotalonone\.operation\.EntityKey|aiotalonone\.sandbox\.(sandbox\.Hook|state\.State)"),
    (r"py:class", r"aiotalonone\.pipeline\.libraries\.AsyncHttpClient"),
    (r"py:.*", r"(http|pathlib|pytest|ssl|starlette|types|typing)\..*"),
]
suppress_warnings = ["myst.strikethrough"]

myst_heading_anchors = 3

napoleon_use_ivar = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

ACCENTED = ("color-brand-primary", "color-brand-content", "color-brand-visited", "color-api-name", "color-api-pre-name")
pygments_dark_style = "github-dark"
html_theme = "furo"
html_title = f"aiotalonone {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": {name: "#0b6e4f" for name in ACCENTED},
    "dark_css_variables": {name: "#5fc9a3" for name in ACCENTED},
}
