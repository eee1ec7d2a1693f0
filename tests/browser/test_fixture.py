import pytest

from tests.browser.conftest import is_loopback


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8080/x", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("data:text/html,x", True),
        ("https://fonts.example/x.css", False),
        ("http://127.0.0.1.example/", False),
        ("http://192.0.2.1/", False),
    ],
)
def test_loopback(url, expected):
    """An address is of this machine if its host is localhost or a loopback address, not if it only looks like one."""
    assert is_loopback(url) is expected


async def test_page_shows_html(page):
    """The page is one of a real browser, which runs scripts."""
    await page.set_content("<p id=p>before</p><script>document.getElementById('p').textContent = 'after'</script>")
    assert await page.inner_text("p") == "after"
