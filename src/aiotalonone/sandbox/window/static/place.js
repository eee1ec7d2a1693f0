// Where in a JSON text a mistake is, by the words that say so.

export function find(text, mistake) {
  // Returns the start and the end of the place, or null.
  const position = /line (\d+) column (\d+)/.exec(mistake);
  if (position) return characterAt(text, Number(position[1]), Number(position[2]));
  const path = /^((?:\w+|\[\d+\]|\.)+): /.exec(mistake);
  return path ? valueAt(text, path[1].match(/\w+/g)) : null;
}

function characterAt(text, line, column) {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + Math.max(0, column - 1);
  return [Math.min(start, text.length), Math.min(start + 1, text.length)];
}

function valueAt(text, path) {
  // Follows the path as far as it exists: of a member that is missing, the place is the object that lacks it.
  let place = null;
  let at = skip(text, 0);
  for (const name of [...path, null]) {
    place = [at, end(text, at)];
    if (name === null) break;
    const next = text[at] === "[" ? entry(text, at, Number(name)) : member(text, at, name);
    if (next === null) break;
    at = next;
  }
  return place;
}

function member(text, at, name) {
  for (let next = skip(text, at + 1); text[next] === '"'; ) {
    const afterKey = end(text, next);
    const value = skip(text, skip(text, afterKey) + 1);
    if (JSON.parse(text.slice(next, afterKey)) === name) return value;
    next = after(text, value);
  }
  return null;
}

function entry(text, at, index) {
  let next = skip(text, at + 1);
  for (let number = 0; number < index && text[next] !== "]"; number += 1) next = after(text, next);
  return text[next] === "]" ? null : next;
}

function after(text, value) {
  const next = skip(text, end(text, value));
  return text[next] === "," ? skip(text, next + 1) : next;
}

function end(text, at) {
  // The end of the value that starts here.
  if (text[at] === '"') {
    let next = at + 1;
    while (next < text.length && text[next] !== '"') next += text[next] === "\\" ? 2 : 1;
    return next + 1;
  }
  if (text[at] !== "{" && text[at] !== "[") {
    const rest = /[\s,\]}]/.exec(text.slice(at));
    return rest ? at + rest.index : text.length;
  }
  let next = skip(text, at + 1);
  while (next < text.length && text[next] !== "}" && text[next] !== "]") {
    next = text[next] === "," || text[next] === ":" ? next + 1 : end(text, next);
    next = skip(text, next);
  }
  return next + 1;
}

function skip(text, at) {
  while (at < text.length && /\s/.test(text[at])) at += 1;
  return at;
}
