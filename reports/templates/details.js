// What a scenario opens to: its clauses, what was expected and observed, every byte with its time, the control beside
// it, and how to reproduce it. `data` is as reports/run/page_data.py has it.

function detailsOf(data, conversations, number, address) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const parts = [factsOf(data, finding, scenario), transcriptOf(conversations[number])];
  if (scenario.control) parts.push(besideControl(data, conversations, number));
  if (finding.command || finding.shell) parts.push(reproductionOf(finding));
  const permalink = link(`#${address}`, "Link to this scenario");
  permalink.className = "permalink";
  return element("div", "body", ...parts, permalink);
}

function factsOf(data, finding, scenario) {
  const list = element("dl", "");
  const fact = (name, ...children) => list.append(element("dt", "", name), element("dd", "", ...children));
  fact("Requirement", ...scenario.clauses.map((index) => clauseOf(data.clauses[index])));
  fact("Why it matters", scenario.why);
  if (scenario.risk) fact("Risk", scenario.risk);
  fact("Expected", finding.expected);
  fact("Observed", element("span", `observed ${styleOf(finding.verdict)}`, finding.observed));
  if (finding.crash) fact("Crash", element("span", "observed fail", finding.crash));
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

function besideControl(data, conversations, number) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const part = element("div", "beside", element("h4", "", "Beside its control"));
  const name = element("code", "", scenario.control);
  if (finding.control === null) {
    part.append(element("p", "quiet", "The well-formed control, ", name, ", is not in this run."));
    return part;
  }
  const control = data.findings[finding.control];
  const address = rowOf(finding.control)?.id;
  part.append(
    element(
      "p",
      "",
      badge(control.verdict),
      " ",
      address ? link(`#${address}`, name) : name,
      ", the well-formed control: ",
      control.observed,
    ),
  );
  if (!conversations[finding.control].length) part.append(element("p", "quiet", "It was not played."));
  else if (conversations[number].length) {
    part.append(
      differenceOf(
        { name: "The control sends", events: conversations[finding.control] },
        { name: "This scenario sends", events: conversations[number] },
      ),
    );
  }
  return part;
}

function reproductionOf(finding) {
  const part = element("div", "again", element("h4", "", "Reproduce it"));
  if (finding.command) part.append(commandOf(finding.command, "Copy the command"));
  if (finding.shell) part.append(commandOf(finding.shell, "Copy the shell line"));
  for (const note of finding.notes) part.append(element("p", "quiet", note));
  return part;
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
      copy.textContent = "Selected"; // where a page may not write to the clipboard, the reader can
    }
  });
  copy.setAttribute("aria-label", label);
  return element("div", "line-to-copy", code, copy);
}

