// Refreshes the progress bars of a running case. Without it the page reloads by itself.
"use strict";
const box = document.querySelector("[data-refresh]");

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(box.dataset.refresh, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  if (answer.headers.get("X-Case-State") !== box.dataset.state) {
    location.reload();
    return;
  }
  const text = await answer.text();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".bars");
  const old = box.querySelector(".bars");
  if (fresh && old && fresh.textContent !== old.textContent) old.replaceWith(fresh);
}

if (box) setInterval(() => refresh().catch(() => {}), 5000);
