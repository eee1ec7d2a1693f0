// The rows of a list: arrows move along them, and what is chosen is shown beside them, which keep their place and the focus.
import { follow } from "./live.js";

let chosen = null; // the address of the row that was chosen last

function moveAlong(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest?.(".row");
  if (!step || !row) return;
  const all = rows();
  all[all.indexOf(row) + step]?.focus();
  event.preventDefault();
}

function choose(event) {
  const link = event.target.closest?.(".row, .back");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  rows().forEach((row) => row.removeAttribute("aria-current"));
  if (link.matches(".row")) {
    link.setAttribute("aria-current", "true");
    chosen = link.href;
  }
  if (link.href !== location.href) history.pushState(null, "", link.href);
  showChosen();
}

async function showChosen() {
  const wasHidden = isListHidden();
  try {
    await follow();
  } catch {
    location.reload(); // the browser says why there is no page
    return;
  }
  const title = document.querySelector(".detail > header h2");
  document.querySelector("[data-announced]").textContent = title?.textContent ?? "";
  if (isListHidden()) scrollTo(0, 0);
  else if (wasHidden) comeBack();
}

function isListHidden() {
  // On a narrow screen the list and what is chosen of it take turns.
  return rows()[0]?.checkVisibility() === false;
}

function comeBack() {
  const row = rows().find((one) => one.href === chosen);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "center" });
}

function rows() {
  return [...document.querySelectorAll(".row")];
}

document.addEventListener("keydown", moveAlong);
document.addEventListener("click", choose);
addEventListener("popstate", showChosen);
