"""Where links lead that leave ``docs/`` in the repository."""

import pytest

links = pytest.importorskip("tools.site.links", reason="the session `docs` has Sphinx")

REPOSITORY = "https://github.com/acme/shop"


@pytest.mark.parametrize(
    ("page", "target", "led"),
    [
        ("errors.md", "../README.md", f"{REPOSITORY}/blob/main/README.md"),
        ("errors.md", "../examples/", f"{REPOSITORY}/blob/main/examples"),
        ("concepts/lanes.md", "../../examples/shop.py", f"{REPOSITORY}/blob/main/examples/shop.py"),
        ("concepts/lanes.md", "../errors.md", "../errors.md"),
        ("errors.md", "../CHANGELOG.md", "changelog.md"),
        ("concepts/lanes.md", "../../CHANGELOG.md", "../changelog.md"),
    ],
)
def test_a_link_leads_to_the_page_or_to_github(page, target, led):
    """What is a page of the site stays a relative link; any other file is shown by GitHub."""
    assert links.leads_to(page, target, REPOSITORY) == led
