// Clock, faults and reset.
import { sendAndSay } from "./forms.js";
import { onRefresh, refresh } from "./live.js";

const clock = document.querySelector("[data-set-clock]");
const faults = document.querySelector("[data-add-fault]");
const reset = document.querySelector("[data-reset]");

async function setClock(now, done) {
  if (await sendAndSay(clock, "PUT", "/sandbox/clock", { now }, done)) {
    isTyped = false;
    refresh();
  }
}

clock?.addEventListener("submit", (event) => {
  event.preventDefault();
  setClock(`${clock.elements.now.value}Z`, "Set.");
});
clock?.addEventListener("click", (event) => {
  const seconds = event.target.dataset.later;
  if (seconds) {
    const shown = clock.querySelector("[data-clock]").textContent;
    setClock(new Date(Date.parse(`${shown.replace(" ", "T")}Z`) + Number(seconds) * 1000).toISOString(), "Set.");
  }
  if ("real" in event.target.dataset) setClock(null, "It is the machine's again.");
});

let isTyped = false; // a time that was typed is not replaced by the present one
clock?.elements.now.addEventListener("input", () => (isTyped = true));
onRefresh((fresh) => {
  const now = fresh.querySelector("[data-set-clock] [name=now]");
  if (now && clock && !isTyped) clock.elements.now.value = now.value;
});

function toPlay() {
  return JSON.parse(faults.querySelector("[data-faults]").dataset.faults);
}

async function replaceFaults(list, done) {
  if (await sendAndSay(faults, "PUT", "/sandbox/faults", list, done)) refresh();
}

faults?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { operation, fault, when, number, seconds } = faults.elements;
  const calls = when.value === "every" ? { every: Number(number.value) } : { calls: upTo(Number(number.value)) };
  const added = { operationId: operation.value, fault: fault.value, ...calls, seconds: Number(seconds.value) };
  if (await sendAndSay(faults, "POST", "/sandbox/faults", [added], "Added.")) refresh();
});
faults?.addEventListener("click", (event) => {
  if ("clearFaults" in event.target.dataset) replaceFaults([], "All are removed.");
  const index = event.target.dataset.removeFault;
  if (index !== undefined) replaceFaults(toPlay().filter((_, at) => at !== Number(index)), "Removed.");
});

function upTo(number) {
  return Array.from({ length: number }, (_, index) => index + 1);
}

document.querySelector("[data-ask-reset]")?.addEventListener("click", () => reset.showModal());
reset?.querySelector("[data-cancel]").addEventListener("click", () => reset.close());
reset?.querySelector("[data-confirm]").addEventListener("click", async () => {
  reset.close();
  const panel = reset.closest(".panel");
  if (await sendAndSay(panel, "POST", "/sandbox/reset", undefined, "The sandbox is as at its start.")) refresh();
});
