// Comfort for "Assign Memberships": the picker as a dialog, live search, the count of what is ticked, and a warning on
// leaving with staged changes. Without this script every button asks the server, and nothing is missing.
"use strict";

const form = document.querySelector("[data-memberships]");
const picker = document.getElementById("picker");
let isStaged = form.hasAttribute("data-staged");

// Search as one types: entries whose text does not contain it are hidden.
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

for (const input of form.querySelectorAll("[data-filter]")) {
  const list = form.querySelector(`[data-list="${input.dataset.filter}"]`);
  const none = form.querySelector(`[data-none="${input.dataset.filter}"]`);
  // A list that the server has narrowed lacks entries: then its own button searches.
  if (!list || input.value !== "") {
    continue;
  }
  const narrow = () => {
    const wanted = plain(input.value.trim());
    let shown = 0;
    for (const entry of list.querySelectorAll("[data-text]")) {
      entry.hidden = !plain(entry.dataset.text).includes(wanted);
      shown += entry.hidden ? 0 : 1;
    }
    if (none) {
      none.hidden = shown > 0;
    }
  };
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
    }
  });
  for (const button of input.parentElement.querySelectorAll("[data-plain]")) {
    button.hidden = true;
  }
}

// "Selected (n)" follows the ticks.
const heading = document.getElementById("picker-heading");
const ticks = () => form.querySelectorAll('input[type="checkbox"][name^="pick."]:checked');
const count = () => {
  heading.textContent = heading.dataset.picked.replace("#", String(ticks().length));
};
form.addEventListener("change", (event) => {
  if (event.target.name.startsWith("pick.")) {
    count();
  } else if (event.target.type === "date" && event.target.name !== "pick_until") {
    isStaged = true;
  }
});

if (picker) {
  form.querySelector("[data-open-picker]").addEventListener("click", (event) => {
    event.preventDefault();
    picker.showModal();
    document.getElementById("picker-search").focus();
  });
  picker.addEventListener("close", () => {
    for (const tick of ticks()) {
      tick.checked = false;
    }
    count();
  });
  picker.querySelector("[data-close-picker]").addEventListener("click", (event) => {
    event.preventDefault();
    picker.close();
  });
}

// Buttons of the form keep what is staged; everything else would drop it.
let isKept = false;
form.addEventListener("submit", () => {
  isKept = true;
});
for (const link of form.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", () => {
    isKept = true;
  });
}
window.addEventListener("beforeunload", (event) => {
  if (isStaged && !isKept) {
    event.preventDefault();
    event.returnValue = form.dataset.warning;
  }
});
