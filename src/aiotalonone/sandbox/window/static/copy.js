// Copies a program; where the browser does not allow that, shows it selected.

const SAID_MS = 1500;

async function copy(button) {
  const program = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(program.textContent);
    button.textContent = "Copied";
  } catch {
    const details = program.closest("details");
    if (details) details.open = true;
    getSelection().selectAllChildren(program);
    program.focus();
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = label), SAID_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});
