// Keeps a view up to date: what happens in the sandbox is announced, and the view's own address says what it shows now.

const KINDS = ["request", "reset", "seed", "campaigns", "clock", "faults"];
const PAUSE_MS = 150; // of many announcements at once, one refresh

const shown = new Map(); // the markup of each live part as it came
const listeners = [];
let isPaused = false;
let isStale = false;
let timer = null;
let running = false;

export function onRefresh(listener) {
  listeners.push(listener);
}

export async function page(address) {
  const response = await fetch(address, { cache: "no-store" });
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

export function refresh() {
  isStale = true;
  timer ??= setTimeout(run, PAUSE_MS);
}

async function run() {
  timer = null;
  if (running) return;
  running = true;
  try {
    while (isStale && !isPaused && !document.hidden) {
      isStale = false;
      show(await page(location.href));
      await pause();
    }
  } catch {
    // The sandbox has ended; it is asked again as soon as it is back.
  } finally {
    running = false;
  }
}

function pause() {
  return new Promise((done) => setTimeout(done, PAUSE_MS));
}

function show(fresh) {
  for (const part of parts()) {
    const counterpart = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    const markup = counterpart?.innerHTML;
    if (counterpart && markup !== shown.get(part)) {
      replace(part, counterpart);
      shown.set(part, markup);
    }
  }
  listeners.forEach((listener) => listener(fresh));
  tick();
}

function replace(part, counterpart) {
  const known = new Set(keys(part));
  const wasOpen = [...part.querySelectorAll("details")].map((details) => details.open);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  for (const { name, value } of counterpart.attributes) {
    if (name.startsWith("data-")) part.setAttribute(name, value);
  }
  part.replaceChildren(...counterpart.childNodes);
  part.querySelectorAll("details").forEach((details, index) => {
    if (index < wasOpen.length) details.open = wasOpen[index];
  });
  part.querySelectorAll("[data-key]").forEach((row) => {
    if (!known.has(row.dataset.key)) row.classList.add("new");
  });
  if (focused) [...part.querySelectorAll("a, button")].find((one) => isSame(one, focused))?.focus();
}

function isSame(one, other) {
  return one.textContent === other.textContent && one.getAttribute("href") === other.getAttribute("href");
}

function keys(part) {
  return [...part.querySelectorAll("[data-key]")].map((row) => row.dataset.key);
}

function parts() {
  return document.querySelectorAll("[data-live]");
}

function listen() {
  const sign = document.querySelector("[data-connection]");
  const events = new EventSource("/sandbox/events");
  const say = (isLive) => {
    sign.classList.toggle("on", isLive);
    sign.textContent = isLive ? "Live" : "Not live";
  };
  events.addEventListener("open", () => {
    say(true);
    refresh(); // what happened before it listened
  });
  events.addEventListener("error", () => say(false));
  KINDS.forEach((kind) => events.addEventListener(kind, refresh));
  addEventListener("pagehide", () => events.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

const offsets = new WeakMap();

function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const given = clock.dataset.clock;
    if (offsets.get(clock)?.given !== given) offsets.set(clock, { given, offset: Number(given) - Date.now() });
    const now = new Date(Date.now() + offsets.get(clock).offset);
    clock.textContent = now.toISOString().slice(0, 19).replace("T", " ");
  }
}

function letListsBeUsedByKeyboard(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest?.(".row");
  if (!step || !row) return;
  const rows = [...row.closest(".rows").querySelectorAll(".row")];
  rows[rows.indexOf(row) + step]?.focus();
  event.preventDefault();
}

function letListsBePaused() {
  const button = document.querySelector("[data-pause]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    button.textContent = isPaused ? "Paused" : "Pause";
    if (!isPaused && isStale) refresh();
  });
}

parts().forEach((part) => shown.set(part, part.innerHTML));
tick();
setInterval(tick, 1000);
listen();
letListsBePaused();
document.addEventListener("keydown", letListsBeUsedByKeyboard);
document.addEventListener("visibilitychange", () => !document.hidden && isStale && refresh());
const filter = document.querySelector("[data-filter]");
filter?.addEventListener("change", () => filter.requestSubmit());
