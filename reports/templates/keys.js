// The keyboard: `/` moves to the filter, j and k (in the list also the arrow keys) from line to line, `s` switches the
// view, `?` shows help. Enter and Space are left to the browser.

function listenToKeys({ focusField, summaries, switchView, help }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const writing = event.target.matches("input[type=search], select, textarea");
    if (writing && event.key !== "Escape") return;
    const isInList = event.target.matches("summary");
    const act = {
      "/": () => focusField(),
      s: () => switchView(),
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

// Moves the focus by some lines, from the line that has or contains it; from elsewhere to the first line.
function move(lines, by) {
  const current = document.activeElement?.closest("details")?.querySelector("summary");
  const at = lines.indexOf(current);
  const next = at === -1 ? lines[0] : lines[Math.min(Math.max(at + by, 0), lines.length - 1)];
  next?.focus();
}

