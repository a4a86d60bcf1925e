"""Imported before `transformers`, makes its import a third cheaper.

For a kind of assisted generation and for losses of object detection, which nothing here asks for,
transformers loads scikit-learn and SciPy, and with them pandas. Most jobs are short, so that the
start of each counts.
"""

import transformers.utils

transformers.utils.is_sklearn_available = lambda: False
transformers.utils.is_scipy_available = lambda: False
