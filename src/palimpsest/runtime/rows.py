"""Rows of tables as Python holds them: a value for each column."""

from typing import Any

Row = dict[str, Any]
