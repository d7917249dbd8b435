// The keyboard: `/` to the filter, j and k (in the list also the arrows) from line to line, `s` to the other view,
// `?` for help. Enter and Space are the browser's own.

function listenToKeys({ field, summaries, change, help }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const writing = event.target.matches("input[type=search], select, textarea");
    if (writing && event.key !== "Escape") return;
    const isInList = event.target.matches("summary");
    const act = {
      "/": () => field(),
      s: () => change(),
      "?": () => help.showModal(),
      j: () => move(summaries(), 1),
      k: () => move(summaries(), -1),
      ArrowDown: isInList && (() => move(summaries(), 1)),
      ArrowUp: isInList && (() => move(summaries(), -1)),
      Escape: writing && (() => move(summaries(), 1)),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

// From the line that has the focus, or holds it, to the one so many further on; from elsewhere to the first.
function move(lines, by) {
  const current = document.activeElement?.closest("details")?.querySelector("summary");
  const at = lines.indexOf(current);
  const next = at === -1 ? lines[0] : lines[Math.min(Math.max(at + by, 0), lines.length - 1)];
  next?.focus();
}

