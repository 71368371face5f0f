// A signature drawn on the page goes with the form as a file; without script there is the scan.
import { signatureOn } from "./signature.js";

for (const box of document.querySelectorAll("[data-signing]")) {
  box.hidden = false;
  const input = box.querySelector("input[type=file]");
  const pad = signatureOn(box.querySelector("canvas"), async () => {
    const picture = await pad.picture();
    const drawn = new DataTransfer();
    if (picture) drawn.items.add(new File([picture], "signature.png", { type: "image/png" }));
    input.files = drawn.files;
  });
  pad.clear();
  box.querySelector("[data-wipe]").addEventListener("click", () => {
    pad.clear();
    input.value = "";
  });
}
