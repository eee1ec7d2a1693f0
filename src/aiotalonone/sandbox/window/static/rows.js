// The rows of a list: arrows move along them, and what is chosen is shown beside them, which keep their place and the focus.
import { follow } from "./live.js";

function moveAlong(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest?.(".row");
  if (!step || !row) return;
  const rows = [...row.closest(".rows").querySelectorAll(".row")];
  rows[rows.indexOf(row) + step]?.focus();
  event.preventDefault();
}

function choose(event) {
  const row = event.target.closest?.(".row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  document.querySelectorAll(".row[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
  row.setAttribute("aria-current", "true");
  if (row.href !== location.href) history.pushState(null, "", row.href);
  showChosen();
}

async function showChosen() {
  try {
    await follow();
  } catch {
    location.reload(); // the browser says why there is no page
    return;
  }
  const title = document.querySelector(".detail > header h2");
  document.querySelector("[data-announced]").textContent = title?.textContent ?? "";
  if (document.querySelector(".chosen .rows")?.checkVisibility() === false) scrollTo(0, 0);
}

document.addEventListener("keydown", moveAlong);
document.addEventListener("click", choose);
addEventListener("popstate", showChosen);
