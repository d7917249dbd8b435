// A finding as elements: what its scenario is, and what was expected and observed, with the transcript. Both are what
// reports/told.py makes of it; the page around them is not known here.

function scenarioOf(scenario) {
  const clauses = scenario.clauses.map((clause) => {
    const name = `${clause.source}, ${clause.section}`;
    const keyword = element("strong", "", clause.keyword);
    return element("p", "", clause.link ? link(clause.link, name) : name, " ", keyword, ` ${clause.text}`);
  });
  return described([
    ["Requirement", ...clauses],
    ["Why it matters", scenario.why],
  ]);
}

function findingOf(finding) {
  const look = `observed ${finding.verdict.toLowerCase().replace(" ", "-")}`;
  const words = described([
    ["Expected", finding.expected],
    ["Observed", element("span", look, finding.observed)],
    ...(finding.reason ? [["Reason", finding.reason]] : []),
  ]);
  return element("div", "finding", words, transcriptOf(finding.events));
}

function described(pairs) {
  const list = element("dl", "about");
  for (const [name, ...said] of pairs) list.append(element("dt", "", name), element("dd", "", ...said));
  return list;
}

