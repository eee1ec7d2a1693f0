// Listens to what happens in the sandbox, and says whether it can.
import { refresh } from "./live.js";

const KINDS = ["request", "reset", "seed", "campaigns", "clock", "faults"];
const RETRY_MS = 1000; // some browsers do not come back by themselves to a sandbox that was not there

let events = null;

function listen() {
  if (events || document.hidden) return;
  events = new EventSource("/sandbox/events");
  events.addEventListener("open", () => {
    say(true);
    refresh(); // what happened before it listened
  });
  events.addEventListener("error", () => {
    say(false);
    if (events?.readyState !== EventSource.CLOSED) return;
    leave();
    setTimeout(listen, RETRY_MS);
  });
  KINDS.forEach((kind) => events.addEventListener(kind, refresh));
}

function leave() {
  events?.close();
  events = null;
}

function say(isLive) {
  const sign = document.querySelector("[data-connection]");
  sign.classList.toggle("on", isLive);
  sign.textContent = isLive ? "Live" : "Not live";
}

// A page that is not seen listens to nothing: a browser has six connections to a host, for all of its pages.
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => event.persisted && location.reload());
listen();
