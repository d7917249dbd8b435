// A finding as an element: what was expected and observed, and the transcript. The page around it is not known
// here. A finding is what reports/told.py makes of it.

function badgeOf(verdict) {
  return element("span", `badge ${verdict.toLowerCase().replace(" ", "-")}`, verdict);
}

// What the scenario is, whoever was asked.
function scenarioOf(finding) {
  const clauses = finding.clauses.map((clause) => {
    const name = `${clause.source}, ${clause.section}`;
    const link = element("a", "", name);
    link.href = clause.link;
    link.rel = "noreferrer";
    return element("p", "", clause.link ? link : name, " ", element("strong", "", clause.keyword), ` ${clause.text}`);
  });
  return described([
    ["Requirement", ...clauses],
    ["Why it matters", finding.why],
  ]);
}

// What became of it.
function findingOf(finding) {
  const words = described([
    ["Expected", finding.expected],
    ["Observed", element("span", `observed ${finding.verdict.toLowerCase()}`, finding.observed)],
    ...(finding.reason ? [["Reason", finding.reason]] : []),
  ]);
  return element("div", "finding", words, transcriptOf(finding.events));
}

function described(pairs) {
  const list = element("dl", "");
  for (const [name, ...said] of pairs) list.append(element("dt", "", name), element("dd", "", ...said));
  return list;
}

