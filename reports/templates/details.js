// What a scenario opens to: its clause, its reason, what was expected and observed, every byte with its time, the
// control beside it, and how to see it again. `data` is what reports/scenarios.py makes of a record.

function detailsOf(data, transcripts, number, address) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const parts = [factsOf(data, finding, scenario), transcriptOf(transcripts[number])];
  if (scenario.control) parts.push(besideControl(data, transcripts, number));
  if (finding.command || finding.shell) parts.push(againOf(finding));
  const permalink = link(`#${address}`, "Link to this scenario");
  permalink.className = "permalink";
  return element("div", "body", ...parts, permalink);
}

function factsOf(data, finding, scenario) {
  const list = element("dl", "");
  const fact = (name, ...children) => list.append(element("dt", "", name), element("dd", "", ...children));
  fact("Requirement", ...scenario.clauses.map((index) => clauseOf(data.clauses[index])));
  fact("Why it matters", scenario.why);
  fact("Expected", finding.expected);
  const look = `observed ${finding.verdict.toLowerCase().replace(" ", "-")}`;
  fact("Observed", element("span", look, finding.observed));
  if (finding.reason) fact("Reason", finding.reason);
  if (finding.ending) fact("Ending", finding.ending);
  if (scenario.tags.length) {
    const tags = scenario.tags.map((tag) => link(`#?${new URLSearchParams({ tag })}`, tag));
    fact("Tags", ...tags.flatMap((tag) => [tag, " "]));
  }
  return list;
}

function clauseOf(clause) {
  const name = `${clause.source}, ${clause.section}`;
  return element(
    "p",
    "",
    clause.link ? link(clause.link, name) : name,
    " ",
    element("strong", "", clause.keyword),
    ` ${clause.text} `,
    element("span", "quiet clause-id", clause.id),
  );
}

function besideControl(data, transcripts, number) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const made = element("div", "beside", element("h4", "", "Beside its control"));
  const name = element("code", "", scenario.control);
  if (finding.control === null) {
    made.append(element("p", "quiet", "The well-formed twin, ", name, ", is not in this run."));
    return made;
  }
  const control = data.findings[finding.control];
  const address = rowOf(finding.control)?.id;
  made.append(
    element(
      "p",
      "",
      badge(control.verdict),
      " ",
      address ? link(`#${address}`, name) : name,
      ", its well-formed twin: ",
      control.observed,
    ),
  );
  if (!transcripts[finding.control].length) made.append(element("p", "quiet", "It was not played."));
  else if (transcripts[number].length) {
    made.append(
      differenceOf(
        { name: "The control sends", events: transcripts[finding.control] },
        { name: "This scenario sends", events: transcripts[number] },
      ),
    );
  }
  return made;
}

function againOf(finding) {
  const made = element("div", "again", element("h4", "", "See it again"));
  if (finding.command) made.append(commandOf(finding.command, "Copy the command"));
  if (finding.shell) made.append(commandOf(finding.shell, "Copy the shell line"));
  for (const note of finding.notes) made.append(element("p", "quiet", note));
  return made;
}

function commandOf(text, label) {
  const code = element("code", "command", text);
  code.tabIndex = 0;
  const copy = button("copy", "Copy", async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Selected"; // where a page may not write, the reader can
    }
  });
  copy.setAttribute("aria-label", label);
  return element("div", "line-to-copy", code, copy);
}

