// What a view can do with JavaScript: without it, everything can still be read.
import "./live.js";
import "./events.js";
import "./rows.js";
import "./copy.js";
import "./run.js";
import "./campaigns.js";
import "./control.js";

// A form is sent by its script: without it, the browser would put all that was typed into the address.
document.querySelectorAll("form button:disabled").forEach((button) => (button.disabled = false));
