// The screen of the room: arrows go through the agenda, n writes the note, d decides, Escape leaves a field.
const timer = document.getElementById("timer");
const isField = (element) => element.matches?.("input, textarea, select");

function tell() {
  const since = Date.parse(timer.dataset.since), until = Date.parse(timer.dataset.until) || Date.now();
  const minutes = Math.max(0, Math.floor((until - since) / 60000));
  timer.textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  timer.classList.toggle("is-over", minutes > Number(timer.dataset.planned));
}

function decide() {
  const part = document.getElementById("decide");
  if (!part) return;
  part.open = true;
  part.querySelector("textarea").focus();
}

// What was typed and not kept is kept before one goes on; only then the next item is shown.
function go(link) {
  const note = document.querySelector("#note textarea");
  if (!link) return;
  if (!note || note.value === note.defaultValue) return location.assign(link.href);
  const then = document.createElement("input");
  Object.assign(then, { type: "hidden", name: "then", value: new URL(link.href).searchParams.get("item") });
  note.form.append(then);
  note.form.requestSubmit();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#before, #after, .room-places a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link);
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Escape") return event.target.blur();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.target.form?.requestSubmit();
  if (isField(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
  const does = {
    ArrowRight: () => go(document.getElementById("after")),
    ArrowLeft: () => go(document.getElementById("before")),
    n: () => document.querySelector("#note textarea")?.focus(),
    d: decide,
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

tell();
setInterval(tell, 5000);
