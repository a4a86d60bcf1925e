"""Imported before `transformers`, makes its import a fifth cheaper.

For one kind of assisted generation, which nothing here asks for, transformers loads scikit-learn,
and with it SciPy and pandas. Most jobs are short, so that the start of each counts.
"""

import transformers.utils

transformers.utils.is_sklearn_available = lambda: False
