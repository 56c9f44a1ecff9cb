"""What axe-core says about a page."""

from pathlib import Path

from playwright.sync_api import Page

__all__ = ["serious_faults"]

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "widgets" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}

_RUN = """async ([root, rules]) => {
  const options = { resultTypes: ["violations"] };
  if (rules !== null) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(root, options);
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary: summary }) =>
      ({ id, impact, help, target, summary })));
}"""


def serious_faults(
    page: Page, root: str = ".zs", *, rules: list[str] | None = None
) -> list[str]:
    """Return the serious and critical faults that axe finds, one line each.

    By all of its rules, or by some. The script is evaluated and not put into the page,
    whose policy would refuse it.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text())
    found = page.evaluate(_RUN, [root, rules])
    return sorted(
        f"{each['impact']}: {each['id']} ({each['help']}) at {each['target']}: "
        f"{each['summary']}"
        for each in found
        if each["impact"] in SERIOUS
    )
