"""Figures: each kind is one module with its schema, what it reads and its drawing.

A new kind is a module, and its line here.
"""

from typing import Annotated

from pydantic import Field

from palimpsest.reports.figures.fidelity import FidelityFigure, FidelitySpec
from palimpsest.reports.figures.judge import JudgeFigure, JudgeFigureSpec
from palimpsest.reports.figures.learning_curve import LearningCurve, LearningCurveSpec
from palimpsest.reports.figures.perplexity import PerplexityFigure, PerplexitySpec
from palimpsest.reports.figures.token_budget import TokenBudget, TokenBudgetSpec
from palimpsest.reports.figures.training_curve import TrainingCurve, TrainingCurveSpec

AnyFigure = Annotated[
    PerplexityFigure | TokenBudget | LearningCurve | TrainingCurve | FidelityFigure | JudgeFigure,
    Field(discriminator="kind"),
]
AnySpec = Annotated[
    PerplexitySpec
    | TokenBudgetSpec
    | LearningCurveSpec
    | TrainingCurveSpec
    | FidelitySpec
    | JudgeFigureSpec,
    Field(discriminator="kind"),
]
