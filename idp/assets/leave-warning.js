// A form that was changed and not saved asks before the page is left. Without this script nothing asks.
"use strict";

for (const form of document.querySelectorAll("[data-leave-warning]")) {
  const now = () => new URLSearchParams(new FormData(form)).toString();
  const shown = now();
  let isMeant = false;
  form.addEventListener("submit", () => {
    isMeant = true;
  });
  for (const cancel of form.querySelectorAll("[data-leave]")) {
    cancel.addEventListener("click", () => {
      isMeant = true;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (!isMeant && now() !== shown) {
      event.preventDefault();
    }
  });
}
