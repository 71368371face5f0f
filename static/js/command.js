// A command is a button of the page that has a name: <button data-command="theme">. The palette and single keys press
// it, so that there is nothing they can do that cannot be done by mouse or with a screen reader.
export function press(button) {
  if (button.tagName !== "SUMMARY") {
    button.click();
    return;
  }
  const form = button.parentElement;
  form.open = true;
  form.scrollIntoView({ block: "nearest" });
  (form.querySelector("input:not([type=hidden]), select, textarea") ?? button).focus();
}

// The first one that can be seen, else the first: the same button may stand in the top bar and in a menu.
export function find(selector) {
  const all = [...document.querySelectorAll(selector)].filter((button) => !button.disabled);
  return all.find((button) => button.checkVisibility()) ?? all[0];
}

// While a Chinese input method composes, every key belongs to it.
export const composes = (event) => event.isComposing || event.keyCode === 229;
