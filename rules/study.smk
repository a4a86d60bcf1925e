# The study's file: that of --configfile, or the demo's. The demo's is read before Snakemake parses it, whose
# parser names no line, and does not end where aliases stand for too much.
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "src"))

from palimpsest.runtime.errors import in_one_line
from palimpsest.study.files import read_study

if not workflow.config_settings.configfiles:
    with in_one_line():
        read_study(Path("config/config.yaml"))

    configfile: "config/config.yaml"
