"use strict";
// Show that a file is being sent, and prevent a second press of the button; send no file that is too large.
const form = document.querySelector("form[data-sending]");
if (form) {
  const button = form.querySelector("button"), file = form.querySelector("[type=file]");
  const status = form.querySelector("button + [role=status]");
  const problem = () => {
    const size = file.files.length ? file.files[0].size : 0;
    return size > Number(form.dataset.max) ? form.dataset.large.replace("{actual}", (size / 1e6).toFixed(1)) : "";
  };
  const check = () => {
    const words = problem();
    file.setAttribute("aria-invalid", String(Boolean(words)));
    status.textContent = words;
    return !words;
  };
  file.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    if (!check()) {
      event.preventDefault();
      file.focus();
      return;
    }
    status.textContent = form.dataset.sending;
    button.disabled = true;
  });
  // back from another page by the back button
  addEventListener("pageshow", () => { button.disabled = false; check(); });
}
