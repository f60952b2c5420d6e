"use strict";
// Says that a file is under way, and keeps the button from being pressed twice.
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
