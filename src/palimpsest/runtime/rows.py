"""Rows of tables, a value for each column, and manifests, as Python holds them."""

from typing import Any

Row = dict[str, Any]
Manifest = dict[str, Any]  # what stands beside a table or folder as JSON, by key
