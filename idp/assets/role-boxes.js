// One box above those of the applications: ticked when all are, between when some are. Without this script the boxes
// stand alone and nothing is missing.
"use strict";

for (const parent of document.querySelectorAll("[data-role-parent]")) {
  const group = parent.closest("fieldset");
  const boxes = [...group.querySelectorAll("input[type=checkbox]")].filter((box) => box !== parent);
  const mine = boxes.filter((box) => !box.disabled);
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    parent.checked = ticked > 0 && ticked === boxes.length;
    parent.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  parent.addEventListener("change", () => {
    for (const box of mine) {
      box.checked = parent.checked;
    }
    show();
  });
  for (const box of mine) {
    box.addEventListener("change", show);
  }
  group.querySelector(".role-parent-text").hidden = true;
  parent.closest("label").hidden = false;
  show();
}
