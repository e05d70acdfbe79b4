// Adds "Show" to password fields. Without this script the buttons stay hidden and nothing is missing.
"use strict";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const show = button.textContent;
  const hide = button.dataset.hide;
  const conceal = () => {
    input.type = "password";
    button.textContent = show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const reveal = input.type === "password";
    input.type = reveal ? "text" : "password";
    button.textContent = reveal ? hide : show;
  });
  // A browser remembers what stood in a text field, so the field is a password again before it is sent.
  input.form.addEventListener("submit", conceal);
}
