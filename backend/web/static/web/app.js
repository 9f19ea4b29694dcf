// A lost connection must not look like a dead button.
document.addEventListener("htmx:sendError", () => {
  const notice = document.createElement("p");
  notice.className = "notice notice-bad";
  notice.setAttribute("role", "alert");
  notice.textContent = "No connection. Nothing was sent; try again.";
  document.getElementById("notice").replaceChildren(notice);
});
// Keep the keyboard where it was when the buttons are drawn anew.
document.addEventListener("htmx:afterSwap", (event) => {
  const buttons = event.target.querySelectorAll?.("button") ?? [];
  const used = event.detail.requestConfig?.triggeringEvent?.submitter?.value;
  const same = [...buttons].find((button) => button.value === used) ?? buttons[0];
  if (document.activeElement === document.body) same?.focus({ preventScroll: true });
});
// A menu closes by Escape and by a click beside it.
const openMenus = () => document.querySelectorAll("details[data-closes][open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
// A second click on a button that already sends its form sends nothing; coming back to the page makes it whole again.
// A form that downloads leaves its page where it is, to be sent once more.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || "download" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
