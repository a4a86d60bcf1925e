"""Draw a page from a template: styles, script and data are in it, and it may fetch nothing."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

HERE = Path(__file__).parent
# What a browser may do for the page: run its own script, show its own pictures, ask nobody.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {scripts}; "
    "base-uri 'none'; form-action 'none'"
)


def render(template: Path, style: Path, script: Path | None, **values: Any) -> str:
    """The page as HTML.

    template: what stands in `body`, in Jinja; values are escaped. style, script: beside what
    pages have in common. values: `title` and what the template names; `data`, if given, is what the
    script reads as JSON.
    """
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = number
    code = script.read_text(encoding="utf-8") if script else ""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = POLICY.format(scripts=f"'sha256-{digest}'" if script else "'none'")
    body = environment.from_string(template.read_text(encoding="utf-8")).render(**values)
    common = (HERE / "common.css").read_text(encoding="utf-8")
    shell = environment.from_string((HERE / "page.html").read_text(encoding="utf-8"))
    return shell.render(
        title=values["title"],
        policy=policy,
        style=common + style.read_text(encoding="utf-8"),
        body=body,
        data=as_json(values["data"]) if "data" in values else None,
        script=code if script else None,
    )


def as_json(value: Any) -> str:
    """JSON that ends no element of a page, whatever text is in it: same value, same bytes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def number(value: Any) -> str:
    """A number for people: thousands apart, no more than three digits behind the point."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3g}" if abs(value) < 1_000 else f"{value:,.0f}"
    return f"{int(value):,}"
