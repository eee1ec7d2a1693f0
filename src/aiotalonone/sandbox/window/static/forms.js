// What the forms have in common: they send JSON, and say how it went.

export function say(form, text, isGood = true) {
  const said = form.querySelector("[data-said]");
  said.textContent = text;
  said.className = `said ${isGood ? "good" : "bad"}`;
}

export async function send(method, address, body) {
  // Resolves to what is wrong, or to null.
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  let response;
  try {
    response = await fetch(address, { method, body: text, headers: { "Content-Type": "application/json" } });
  } catch {
    return "The sandbox does not respond.";
  }
  return response.ok ? null : mistake(await response.text());
}

function mistake(text) {
  // The words of an error.
  try {
    return JSON.parse(text).message;
  } catch {
    return text;
  }
}

export async function sendAndSay(form, method, address, body, done) {
  const wrong = await send(method, address, body);
  say(form, wrong ?? done, wrong === null);
  return wrong === null;
}
