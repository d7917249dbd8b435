// The view by specification: its sections with the verdicts of the scenarios that exercise their rules, and the rules
// that no scenario checks. The data is {order, verified, wrong, specifications}: the verdicts in the order of reading,
// those that say something about the server, those to look into, and what reports/run/requirements.py makes of a run.

const VIEWS_OF_RULES = {
  all: ["All", () => true],
  wrong: ["With failures or warnings", (rule) => hasAny(rule, kinds.wrong)],
  unchecked: ["Without a check", (rule) => Boolean(rule.reason)],
  idle: ["Not in this run", (rule) => isIdle(rule)],
};
let kinds = null;

function hasAny(rule, verdicts) {
  return verdicts.some((verdict) => rule.verdicts[verdict]);
}

function isIdle(rule) {
  return !rule.reason && !Object.keys(rule.verdicts).length;
}

function specificationOf(requirements) {
  kinds = requirements;
  const places = requirements.specifications.map((specification) => [specification, element("div", "")]);
  const show = (choice) => {
    const [, isWanted] = VIEWS_OF_RULES[choice];
    for (const [specification, place] of places) place.replaceChildren(...partsOf(specification, isWanted));
  };
  const choices = Object.entries(VIEWS_OF_RULES).map(([choice, [name]]) => {
    const input = element("input", "");
    Object.assign(input, { type: "radio", name: "rules", value: choice, checked: choice === "all" });
    input.addEventListener("change", () => show(choice));
    return element("label", "chip", input, name);
  });
  show("all");
  const legend = element("legend", "unseen", "Which requirements");
  const about =
    "Every rule that a client can see an origin server keep or break, with the verdicts of all scenarios that " +
    "exercise it. A scenario is judged by its first rule only.";
  return [
    element("p", "quiet", about),
    element("fieldset", "rules", legend, ...choices),
    ...places.map(([, place]) => place),
  ];
}

function partsOf(specification, isWanted) {
  const sections = specification.sections.map((section) => [section, section.rules.filter(isWanted)]);
  const rules = sections.flatMap(([, wanted]) => wanted);
  if (!rules.length) return [];
  // A section without rules is the heading of those below it.
  const shown = sections.filter(
    ([section, wanted]) =>
      wanted.length ||
      (!section.rules.length && sections.some(([other, some]) => some.length && isBelow(other, section))),
  );
  const list = element("div", "list", ...shown.map(([section, wanted]) => sectionOf(specification, section, wanted)));
  const name = element("strong", "", specification.name);
  return [element("h3", "", name, element("span", "quiet", summed(rules))), list];
}

function isBelow(section, other) {
  return section.number.startsWith(`${other.number}.`);
}

function summed(rules) {
  const verified = rules.filter((rule) => hasAny(rule, kinds.verified)).length;
  const unchecked = rules.filter((rule) => rule.reason).length;
  const idle = rules.filter(isIdle).length;
  const words = [`${rules.length} ${rules.length === 1 ? "requirement" : "requirements"}`];
  const say = (count, what) => count && words.push(`${count} ${what}`);
  say(verified, "verified");
  say(rules.length - verified - unchecked - idle, "not applicable");
  say(unchecked, "without a check");
  say(idle, "not in this run");
  return words.join(", ");
}

function sectionOf(specification, section, rules) {
  const depth = Math.min(section.number.split(".").length, 4);
  const name = [element("span", "section-number", section.number), " ", element("span", "title", section.title)];
  if (!rules.length) return element("p", `section chapter depth-${depth}`, ...name);
  const counts = countsOf(rules);
  const summary = element("summary", "", ...name, element("span", "verdicts", ...counts));
  const address = link(section.link, `Read ${specification.name}, ${section.number}`);
  const read = section.link ? [element("p", "", address)] : [];
  const part = element("details", `section depth-${depth}`, summary);
  part.id = `specification/${specification.name}/${section.number}`;
  part.addEventListener(
    "toggle",
    () => part.append(element("div", "body", ...read, element("ul", "requirements", ...rules.map(ruleOf)))),
    { once: true },
  );
  return part;
}

function countsOf(rules) {
  const counts = kinds.order.map((verdict) => [
    verdict,
    rules.reduce((sum, rule) => sum + (rule.verdicts[verdict] ?? 0), 0),
  ]).filter(([, count]) => count);
  const badges = counts.map(([verdict, count]) => badge(verdict, ` ${count}`));
  const unchecked = rules.filter((rule) => rule.reason).length;
  if (unchecked) badges.push(element("span", "badge unchecked", `no check ${unchecked}`));
  return badges;
}

function ruleOf(rule) {
  const links = kinds.order.filter((verdict) => rule.verdicts[verdict]).map((verdict) => {
    const count = rule.verdicts[verdict];
    const address = link(`#?${new URLSearchParams({ verdict, clause: rule.id })}`, badge(verdict, ` ${count}`));
    address.setAttribute("aria-label", `${count} ${verdict} of ${rule.id}`);
    return address;
  });
  const missing = rule.reason ? `No check: ${rule.reason}.` : "Nothing in this run exercises it.";
  const status = links.length ? element("span", "verdicts", ...links) : element("span", "quiet", missing);
  return element(
    "li",
    "",
    element("code", "quiet", rule.id),
    " ",
    element("strong", "", rule.keyword),
    ` ${rule.text} `,
    status,
  );
}

