"""Draw encoders by the number of examples they were trained on, and write tidy rows."""

import argparse

from palimpsest.reports.config import LearningCurveSpec
from palimpsest.reports.learning_curve import draw_learning_curve, points_of
from palimpsest.reports.systems import read_systems, tidy_rows
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    systems = read_systems(arguments.scores, arguments.spec.systems, by_label=False)
    tidy = [row for system in systems for row in tidy_rows(system, system.metrics)]
    judged = systems[0]
    draw_learning_curve(points_of(systems), judged.dataset, judged.metrics[0], arguments.out)
    write_text(arguments.metrics, long_rows(tidy))


if __name__ == "__main__":
    run(main, parser(__doc__, "--scores+", "--out", "--metrics", spec=LearningCurveSpec))
