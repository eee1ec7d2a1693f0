// Runs a session by hand: the form becomes an update of the session, and the request it was is shown beside it.
import { page } from "./live.js";
import { say } from "./forms.js";

const form = document.querySelector("[data-run]");

class Mistake extends Error {}

function update() {
  const fields = form.elements;
  const state = fields.state.value;
  if (state === "cancelled") return { customerSession: { state } };
  const session = { state };
  if (fields.profile.value) session.profileId = fields.profile.value;
  session.couponCodes = fields.coupons.value.split("\n").map((code) => code.trim()).filter(Boolean);
  if (fields.referral.value || fields.referral.defaultValue) session.referralCode = fields.referral.value;
  session.cartItems = lines().map(item);
  const attributes = fields.attributes.value.trim();
  if (attributes) session.attributes = parsed(attributes);
  return { customerSession: session, responseContent: ["customerSession"] };
}

function lines() {
  const rows = [...form.querySelectorAll("[data-lines] tr")];
  return rows.filter((row) => row.querySelector("[name=sku]").value.trim());
}

function item(row, index) {
  const value = (name) => row.querySelector(`[name=${name}]`).value.trim();
  const quantity = Number(value("quantity"));
  if (!Number.isInteger(quantity) || quantity < 1) throw new Mistake(`Line ${index + 1}: units must be a number from 1 on.`);
  const line = { sku: value("sku"), quantity };
  if (value("price")) {
    line.price = Number(value("price").replace(",", "."));
    if (!Number.isFinite(line.price)) throw new Mistake(`Line ${index + 1}: the price must be a number.`);
  }
  return line;
}

function parsed(text) {
  try {
    const attributes = JSON.parse(text);
    if (attributes && typeof attributes === "object" && !Array.isArray(attributes)) return attributes;
  } catch {
    // told below
  }
  throw new Mistake('The attributes must be a JSON object, such as {"channel": "web"}.');
}

async function run(isDry) {
  const id = form.elements.session.value;
  if (id === "." || id === "..") throw new Mistake("A browser cannot send this session ID.");
  const address = `/v2/customer_sessions/${encodeURIComponent(id)}${isDry ? "?dry=true" : ""}`;
  const headers = { Authorization: `ApiKey-v1 ${form.dataset.apiKey}`, "Content-Type": "application/json" };
  const body = JSON.stringify(update());
  say(form, "Waiting for the response.");
  let response;
  try {
    response = await fetch(address, { method: "PUT", headers, body });
  } catch {
    throw new Mistake("There was no response. The requests say whether a fault was played.");
  }
  await show(response.headers.get("X-Sandbox-Request"));
  say(form, "");
}

async function show(number) {
  const result = document.querySelector("[data-result]");
  const fresh = await page(`/window/requests?number=${number}`);
  result.replaceChildren(...fresh.querySelector('[data-live="detail"]').childNodes);
  result.querySelectorAll(".back, .actions .button").forEach((link) => link.remove());
  result.querySelectorAll("details").forEach((details) => (details.open = false));
  result.scrollTop = 0;
}

function addLine() {
  const rows = form.querySelector("[data-lines]");
  const line = rows.lastElementChild.cloneNode(true);
  line.querySelectorAll("input").forEach((input) => (input.value = input.name === "quantity" ? "1" : ""));
  rows.append(line);
  line.querySelector("input").focus();
}

function removeLine(row) {
  if (row.parentElement.children.length > 1) row.remove();
  else row.querySelectorAll("input").forEach((input) => (input.value = ""));
}

form?.addEventListener("click", (event) => {
  if (event.target.closest("[data-add]")) addLine();
  const remove = event.target.closest("[data-remove]");
  if (remove) removeLine(remove.closest("tr"));
});
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await run(event.submitter?.value === "dry");
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    say(form, error.message, false);
  }
});
