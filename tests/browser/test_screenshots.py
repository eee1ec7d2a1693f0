"""The pictures of the documentation, taken as the tool takes them."""

from importlib import import_module

import pytest


@pytest.mark.usefixtures("browser")
async def test_pictures_are_taken(monkeypatch, tmp_path):
    """The window is pictured in light and dark, at twice its size, in files that a page can carry."""
    screenshots = import_module("tools.screenshots")
    monkeypatch.setattr(screenshots, "IMAGES", tmp_path)
    await screenshots.main()
    for name in ("sandbox.png", "sandbox-dark.png"):
        picture = (tmp_path / name).read_bytes()
        assert [int.from_bytes(picture[at : at + 4]) for at in (16, 20)] == [2560, 1600]
        assert len(picture) < 400_000
    assert picture != (tmp_path / "sandbox.png").read_bytes()
