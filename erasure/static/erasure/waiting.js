// Loads a page anew while a worker is at it. Without it one loads the page by hand.
"use strict";
if (document.querySelector("[data-waiting]")) {
  setTimeout(() => {
    if (!document.querySelector("form.decide :focus")) location.reload();
  }, 3000);
}
