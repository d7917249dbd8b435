// A finding as elements: its scenario, and what was expected and observed, with the transcript. The data of both is as
// reports/rendering/finding.py has it; the page around them is not known here.

function scenarioOf(scenario) {
  const clauses = scenario.clauses.map((clause) => {
    const name = `${clause.source}, ${clause.section}`;
    const keyword = element("strong", "", clause.keyword);
    return element("p", "", clause.link ? link(clause.link, name) : name, " ", keyword, ` ${clause.text}`);
  });
  return described([
    ["Requirement", ...clauses],
    ["Why it matters", scenario.why],
    ...(scenario.risk ? [["Risk", scenario.risk]] : []),
  ]);
}

function findingOf(finding) {
  const words = described([
    ["Expected", finding.expected],
    ["Observed", element("span", `observed ${styleOf(finding.verdict)}`, finding.observed)],
    ...(finding.crash ? [["Crash", element("span", "observed fail", finding.crash)]] : []),
    ...(finding.reason ? [["Reason", finding.reason]] : []),
  ]);
  return element("div", "finding", words, transcriptOf(finding.events));
}

function described(pairs) {
  const list = element("dl", "about");
  for (const [name, ...facts] of pairs) list.append(element("dt", "", name), element("dd", "", ...facts));
  return list;
}

