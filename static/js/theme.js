// The theme button: as the system, light, dark. The server reads the cookie, so no page flashes.
const root = document.documentElement;
const order = ["auto", "light", "dark"];
const buttons = document.querySelectorAll("[data-theme-switch]");

function name(button) {
  const label = button.dataset[`label${root.dataset.theme[0].toUpperCase()}${root.dataset.theme.slice(1)}`];
  button.setAttribute("aria-label", label);
  button.title = label;
  button.hidden = false;
}

buttons.forEach((button) => {
  name(button);
  button.addEventListener("click", () => {
    root.dataset.theme = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
    document.cookie = `theme=${root.dataset.theme}.${root.dataset.themeSetting}; path=/; max-age=31536000; samesite=lax`;
    buttons.forEach(name);
  });
});
