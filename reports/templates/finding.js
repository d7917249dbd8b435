// A finding as an element: what was expected and observed, and the transcript. The page around it is not known
// here. A finding is what reports/told.py makes of it.

// What the scenario is, whoever was asked.
function scenarioOf(finding) {
  const clauses = finding.clauses.map((clause) => {
    const name = `${clause.source}, ${clause.section}`;
    const keyword = element("strong", "", clause.keyword);
    return element("p", "", clause.link ? link(clause.link, name) : name, " ", keyword, ` ${clause.text}`);
  });
  return described([
    ["Requirement", ...clauses],
    ["Why it matters", finding.why],
  ]);
}

// What became of it.
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

