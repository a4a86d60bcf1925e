"""Figures: each kind is one module with its schema, what it reads and its drawing.

A new kind is a module, and its line here.
"""

from typing import Annotated

from pydantic import Field

from palimpsest.reports.figures.learning_curve import LearningCurve, LearningCurveSpec
from palimpsest.reports.figures.perplexity import PerplexityFigure, PerplexitySpec

AnyFigure = Annotated[PerplexityFigure | LearningCurve, Field(discriminator="kind")]
AnySpec = Annotated[PerplexitySpec | LearningCurveSpec, Field(discriminator="kind")]
