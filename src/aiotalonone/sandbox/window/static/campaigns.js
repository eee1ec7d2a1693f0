// The editor of the campaign file: a mistake is shown with its place, and the cursor is put there.
import { onRefresh, refresh } from "./live.js";
import { say, send } from "./forms.js";
import { find } from "./place.js";

const form = document.querySelector("[data-campaigns]");
const file = form?.elements.file;

async function save() {
  const wrong = await send("PUT", "/sandbox/campaigns", file.value);
  if (wrong === null) {
    file.defaultValue = file.value;
    say(form, "Saved.");
    refresh();
    return;
  }
  say(form, wrong, false);
  const place = find(file.value, wrong);
  if (place) {
    file.focus();
    file.setSelectionRange(...place);
    const line = file.value.slice(0, place[0]).split("\n").length;
    file.scrollTop = Math.max(0, line - 8) * parseFloat(getComputedStyle(file).lineHeight);
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
form?.addEventListener("reset", () => say(form, ""));
file?.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
onRefresh((fresh) => {
  const current = fresh.querySelector("[data-campaigns] textarea")?.defaultValue;
  if (!file || current === undefined || current === file.defaultValue) return;
  const hasChanges = isChanged();
  file.defaultValue = current; // what a reset returns to
  if (!hasChanges) file.value = current;
});
addEventListener("beforeunload", (event) => {
  if (file && isChanged()) event.preventDefault(); // the browser asks whether to leave
});

function isChanged() {
  return file.value !== file.defaultValue;
}
