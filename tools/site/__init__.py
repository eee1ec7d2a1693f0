"""Extensions of Sphinx that the documentation site is built with; ``docs/conf.py`` lists them."""
