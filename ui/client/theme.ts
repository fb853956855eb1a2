/** The choice of colours without loading the page again; the cookie is read by the server. */
const YEAR_SECONDS = 31_536_000;

/** Takes over the form in the navigation. */
export function rememberTheme(): void {
  const form = document.querySelector("[data-theme-form]");
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    document.cookie =
      `skerry_theme=${button.value}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Strict`;
    if (button.value === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = button.value;
    for (const each of form.querySelectorAll("button")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
  });
}
