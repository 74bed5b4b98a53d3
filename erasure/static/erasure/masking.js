// Black out parts of a picture before it is sent. What leaves the page is a new JPEG drawn
// here, black parts and all: the file that was chosen stays on the device, its metadata too.
// Without this script the advice to cover the parts remains.
"use strict";
const LONGEST = 2400; // pixels, as the server keeps them
const QUALITY = 0.9;
const STEP = 0.02; // of a side, for each press of an arrow key
const SMALLEST = 4; // pixels: less is a slip of the hand

const box = document.getElementById("masking");
const canvas = document.getElementById("masking-picture");
const input = document.getElementById("id_document");
const undo = document.getElementById("masking-undo");
const said = document.getElementById("masking-said");
const pen = canvas.getContext("2d");
let bitmap = null; // the picture that was chosen
let turns = 0; // quarters, clockwise
let covered = []; // {x, y, w, h} in pixels of the canvas
let frame = null; // what is being drawn, or moved with the keys
let sealed = false; // the file of the form is the one drawn here

function paint(withFrame) {
  const side = turns % 2 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
  const scale = Math.min(1, LONGEST / Math.max(...side));
  canvas.width = Math.max(1, Math.round(side[0] * scale));
  canvas.height = Math.max(1, Math.round(side[1] * scale));
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.save();
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((turns * Math.PI) / 2);
  pen.scale(scale, scale);
  pen.drawImage(bitmap, -bitmap.width / 2, -bitmap.height / 2);
  pen.restore();
  pen.fillStyle = "black";
  for (const each of covered) pen.fillRect(each.x, each.y, each.w, each.h);
  if (withFrame && frame) outline(frame);
}

function outline(each) {
  pen.lineWidth = Math.max(2, canvas.width / 300);
  for (const [colour, dashes] of [["white", []], ["#0b5e6b", [12, 8]]]) {
    pen.strokeStyle = colour;
    pen.setLineDash(dashes);
    pen.strokeRect(each.x, each.y, each.w, each.h);
  }
  pen.setLineDash([]);
}

function tell() {
  undo.disabled = covered.length === 0;
  said.textContent = covered.length
    ? said.dataset.some.replace("%d", covered.length)
    : said.dataset.none;
}

function cover(each) {
  if (each.w >= SMALLEST && each.h >= SMALLEST) covered.push(each);
  tell();
}

function takeBack() {
  covered.pop();
  paint(document.activeElement === canvas);
  tell();
}

function place(event) {
  const seen = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - seen.left) / seen.width) * canvas.width,
    y: ((event.clientY - seen.top) / seen.height) * canvas.height,
  };
}

function between(a, b) {
  return {
    x: Math.min(a.x, b.x), y: Math.min(a.y, b.y),
    w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y),
  };
}

let begun = null;
canvas.addEventListener("pointerdown", (event) => {
  begun = place(event);
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (!begun) return;
  frame = between(begun, place(event));
  paint(true);
});
canvas.addEventListener("pointerup", (event) => {
  if (!begun) return;
  cover(between(begun, place(event)));
  begun = frame = null;
  paint(false);
});
canvas.addEventListener("pointercancel", () => {
  begun = frame = null;
  paint(false);
});

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function middle() {
  const w = canvas.width / 4;
  const h = canvas.height / 6;
  return { x: (canvas.width - w) / 2, y: (canvas.height - h) / 2, w, h };
}
canvas.addEventListener("keydown", (event) => {
  const move = MOVES[event.key];
  if (move) {
    frame = frame || middle();
    const [x, y] = event.shiftKey ? ["w", "h"] : ["x", "y"];
    frame[x] = Math.max(event.shiftKey ? SMALLEST : 0, frame[x] + move[0] * STEP * canvas.width);
    frame[y] = Math.max(event.shiftKey ? SMALLEST : 0, frame[y] + move[1] * STEP * canvas.height);
  } else if (event.key === "Enter") {
    cover({ ...(frame || middle()) });
  } else if (event.key === "Delete" || event.key === "Backspace") {
    takeBack();
  } else {
    return;
  }
  event.preventDefault();
  paint(true);
});
canvas.addEventListener("focus", () => {
  if (bitmap && canvas.matches(":focus-visible")) {
    frame = frame || middle();
    paint(true);
  }
});
canvas.addEventListener("blur", () => {
  frame = null;
  if (bitmap) paint(false);
});

undo.addEventListener("click", takeBack);
document.getElementById("masking-turn").addEventListener("click", () => {
  const height = canvas.height;
  covered = covered.map((each) => ({
    x: height - each.y - each.h, y: each.x, w: each.h, h: each.w,
  }));
  turns = (turns + 1) % 4;
  frame = null;
  paint(false);
});

function show(picture) {
  bitmap = picture;
  for (const each of box.querySelectorAll("canvas, .tools, h3, #masking-help")) {
    each.hidden = !picture;
  }
}

input.addEventListener("change", async () => {
  if (sealed) return;
  [turns, covered, frame] = [0, [], null];
  show(null);
  const file = input.files[0];
  box.hidden = !file;
  if (!file) return;
  if (file.type === "application/pdf") {
    said.textContent = said.dataset.pdf;
    return;
  }
  try {
    show(await createImageBitmap(file));
  } catch {
    said.textContent = said.dataset.unread;
    return;
  }
  paint(false);
  tell();
});

document.getElementById("copy").addEventListener("submit", (event) => {
  if (!bitmap || sealed) return;
  event.preventDefault();
  frame = null;
  paint(false);
  canvas.toBlob(
    (drawn) => {
      if (!drawn) return;
      const files = new DataTransfer();
      files.items.add(new File([drawn], "copy.jpg", { type: "image/jpeg" }));
      sealed = true;
      input.files = files.files;
      event.target.requestSubmit();
    },
    "image/jpeg",
    QUALITY,
  );
});
