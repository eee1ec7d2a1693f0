"""How Sphinx builds the site: ``python -m nox -s docs``."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # for the extensions in tools/

from aiotalonone import __version__  # noqa: E402

STANDARD_LIBRARY = "collections contextlib datetime decimal enum http logging pathlib ssl types typing"
OTHERS = "aiohttp attrs? fastapi httpx2? opentelemetry pytest starlette"
ACCENTED = ("color-brand-primary", "color-brand-content", "color-brand-visited", "color-api-name", "color-api-pre-name")
REPOSITORY = "https://github.com/aiotalonone/aiotalonone"

project = "aiotalonone"
author = "the aiotalonone authors"
project_copyright = "the aiotalonone authors"
version = release = __version__

extensions = [
    *("myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"),
    *("tools.site.docstrings", "tools.site.links", "tools.site.public", "tools.site.signatures"),
]
nitpicky = True
nitpick_ignore_regex = [
    # The inventories of other projects are on the net, and the site is built without it.
    (r"py:.*", rf"({'|'.join(f'{STANDARD_LIBRARY} {OTHERS}'.split())})\..*"),
    (r"py:.*", r"aiotalonone\..*\.(Entry|Group|P|T)"),  # type variables
    (r"py:class", r"aiotalonone\.(bulk\.job\.JobOptions|pipeline\.lifecycle\.ClientOptions)"),  # those of a constructor
    (r"py:class", r"aiotalonone\.(call\.EntityKey|pipeline\.libraries\.AsyncHttpClient)"),  # told in words
    (r"py:class", r"aiotalonone\.sandbox\.(rules\.trace\.Trace|sandbox\.Hook|state\.state\.State)"),
]

default_role = "literal"
myst_heading_anchors = 3

napoleon_use_ivar = True

autodoc_member_order = "bysource"
autodoc_mock_imports = ["fsspec", "numpy", "pyarrow", "pyspark", "ray"]  # large, and read by nothing here
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

pygments_dark_style = "github-dark"
html_theme = "furo"
html_baseurl = "https://aiotalonone.github.io/aiotalonone/"
html_title = f"aiotalonone {version}"
html_static_path = ["_static", "images/sandbox-dark.png"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": dict.fromkeys(ACCENTED, "#0b6e4f"),
    "dark_css_variables": dict.fromkeys(ACCENTED, "#5fc9a3"),
}
