// The rail's width is remembered in a cookie that the server reads.
const root = document.documentElement;
const toggle = document.querySelector("[data-rail-toggle]");

if (toggle) {
  const show = () => toggle.setAttribute("aria-expanded", String(root.dataset.rail !== "narrow"));
  show();
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    root.dataset.rail = root.dataset.rail === "narrow" ? "wide" : "narrow";
    document.cookie = `rail=${root.dataset.rail}; path=/; max-age=31536000; samesite=lax`;
    show();
  });
}
