// What a view can do with JavaScript: without it, everything can still be read.
import "./live.js";
import "./events.js";
import "./rows.js";
import "./copy.js";
import "./run.js";
import "./campaigns.js";
import "./control.js";
