"""The window: a page that shows what the sandbox is asked and what it holds, and lets its user change that.

`app.py` serves it, `views/` says what each view shows, `templates/` has the views, and `static/` the style and the
scripts, which keep a view up to date and send its forms. Whatever came in a request is shown as text, by `text.py` and
`json_text.py`.
"""

from aiotalonone.sandbox.window.app import Window

__all__ = ["Window"]
