// Keeps a view up to date: its own address says what it shows now.

const PAUSE_MS = 150; // of many announcements at once, one refresh
const FOCUSABLE = "a, button, summary, [tabindex]";

const shown = new Map(); // the markup of each live part as it came
const listeners = [];
let isPaused = false;
let isStale = false;
let timer = null;
let running = false;
let address = ownAddress(); // of what is shown

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
      await follow();
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

function ownAddress() {
  return location.href.split("#")[0];
}

export async function follow() {
  // Shows what the page's own address has.
  const asked = ownAddress();
  const fresh = await page(asked);
  if (asked !== ownAddress()) return; // another one was chosen meanwhile
  const isOther = asked !== address;
  address = asked;
  show(fresh, isOther);
}

function show(fresh, isOther) {
  document.querySelector("main").className = fresh.querySelector("main").className;
  for (const part of parts()) {
    if (isPaused && part.dataset.live !== "detail") continue;
    const counterpart = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    const markup = counterpart?.innerHTML;
    if (counterpart && markup !== shown.get(part)) {
      replace(part, counterpart, isOther);
      shown.set(part, markup);
    }
  }
  listeners.forEach((listener) => listener(fresh));
  tick();
}

function replace(part, counterpart, isOther) {
  const known = new Set(keys(part));
  const wasOpen = isOther ? [] : [...part.querySelectorAll("details")].map((details) => details.open);
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  for (const { name, value } of counterpart.attributes) {
    if (name === "class" || name.startsWith("data-")) part.setAttribute(name, value);
  }
  part.replaceChildren(...counterpart.childNodes);
  part.querySelectorAll("details").forEach((details, index) => {
    if (index < wasOpen.length) details.open = wasOpen[index];
  });
  part.querySelectorAll("[data-key]").forEach((row) => {
    if (!known.has(row.dataset.key)) row.classList.add("new");
  });
  if (isOther) part.scrollTop = 0;
  if (focused) [...part.querySelectorAll(FOCUSABLE)].find((one) => isSame(one, focused))?.focus({ preventScroll: true });
}

function isSame(one, other) {
  const target = other.getAttribute("href");
  return one.tagName === other.tagName && (target ? one.getAttribute("href") === target : one.textContent === other.textContent);
}

function keys(part) {
  return [...part.querySelectorAll("[data-key]")].map((row) => row.dataset.key);
}

function parts() {
  return document.querySelectorAll("[data-live]");
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

function letListsBePaused() {
  const button = document.querySelector("[data-pause]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    if (!isPaused && isStale) refresh();
  });
}

parts().forEach((part) => shown.set(part, part.innerHTML));
tick();
setInterval(tick, 1000);
letListsBePaused();
document.addEventListener("visibilitychange", () => !document.hidden && isStale && refresh());
const filter = document.querySelector("[data-filter]");
filter?.addEventListener("change", () => filter.requestSubmit());
