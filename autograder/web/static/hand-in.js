"use strict";
// Show that a file is being sent, and prevent a second press of the button.
const form = document.querySelector("form[data-sending]");
if (form) {
  const button = form.querySelector("button");
  form.addEventListener("submit", () => {
    form.querySelector("[role=status]").textContent = form.dataset.sending;
    button.disabled = true;
  });
  // back from another page by the back button
  addEventListener("pageshow", () => { button.disabled = false; form.querySelector("[role=status]").textContent = ""; });
}
