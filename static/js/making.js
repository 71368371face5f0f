// A file that takes its time to be made: says how long it takes already, and hands it over when it is there.
const state = document.getElementById("making");

async function hand(link) {
  const begun = Date.now();
  const say = () => { state.textContent = `${state.dataset.words} ${link.textContent.trim()} … ${Math.round((Date.now() - begun) / 1000)} s`; };
  say();
  const timer = setInterval(say, 1000);
  try {
    const answer = await fetch(link.href);
    const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
    if (!answer.ok || !named) throw new Error(answer.status);
    const file = document.createElement("a");
    file.href = URL.createObjectURL(await answer.blob());
    file.download = named[1];
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    state.textContent = "";
  } catch {
    state.textContent = state.dataset.failed;
  } finally {
    clearInterval(timer);
  }
}

let isMaking = false;
for (const link of document.querySelectorAll("a[data-making]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !state) return;
    event.preventDefault();
    if (isMaking) return;
    isMaking = true;
    await hand(link);
    isMaking = false;
  });
}
