// Tabs by the ARIA pattern: arrow keys move, Home and End jump, one tab is in the Tab order.
function choose(list, chosen) {
  list.querySelectorAll('[role="tab"]').forEach((tab) => {
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
  });
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.('[data-tabs] [role="tab"]');
  if (tab) choose(tab.closest('[role="tablist"]'), tab);
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[data-tabs] [role="tab"]');
  if (!tab) return;
  const list = tab.closest('[role="tablist"]'), tabs = [...list.querySelectorAll('[role="tab"]')];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const next = step ? tabs.at((tabs.indexOf(tab) + step) % tabs.length) : { Home: tabs[0], End: tabs.at(-1) }[event.key];
  if (!next) return;
  event.preventDefault();
  choose(list, next);
  next.focus();
});

const start = (root) => root.querySelectorAll('[data-tabs] [role="tablist"]').forEach((list) => {
  choose(list, list.querySelector('[aria-selected="true"]') ?? list.querySelector('[role="tab"]'));
});
start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
