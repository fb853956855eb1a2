/** Commands on a page are copied by a click. */

/** A page over plain HTTP has no clipboard: then they are only text. */
export function copyCommands(): void {
  if (!("clipboard" in navigator)) return;
  document.addEventListener("click", async (event) => {
    const command = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (command === null || getSelection()?.isCollapsed === false) return;
    await navigator.clipboard.writeText(command.textContent ?? "");
    command.setAttribute("data-copied", "");
    setTimeout(() => command.removeAttribute("data-copied"), 1_500);
  });
}
