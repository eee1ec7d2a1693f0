"""The window: a page that shows what the sandbox is asked and what it holds, and lets its user change that.

`app.py` serves it, `views.py` says what each view shows, `templates/` has the views, and `static/` the style and the
script, which keeps a view up to date and sends its forms. Whatever came in a request is shown as text, by `text.py` and
`json_text.py`.
"""

from aiotalonone.sandbox.window.app import Window

__all__ = ["Window"]
