/* One input more without a round trip. Without this file the same button sends the form. */
"use strict";

for (const button of document.querySelectorAll("button[data-more]")) {
  const field = document.getElementById(button.dataset.more);
  const rows = () => field.querySelectorAll(".row");

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const number = rows().length;
    const row = rows()[number - 1].cloneNode(true);
    const [input, label] = [row.querySelector("input"), row.querySelector("label")];
    row.classList.remove("wrong");
    row.querySelector(".errorlist")?.remove();
    input.id = label.htmlFor = `${field.id}_${number}`;
    label.textContent = `${button.dataset.label} ${number + 1}`;
    input.value = "";
    ["aria-invalid", "aria-describedby", "autofocus"].forEach((name) => input.removeAttribute(name));
    button.before(row);
    button.hidden = rows().length >= Number(button.dataset.most);
    input.focus();
  });
}
