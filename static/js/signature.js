// A canvas to sign on with a finger: always black on white, for it goes into the record as a picture.
export function signatureOn(canvas, changed) {
  const pen = canvas.getContext("2d");
  let isSigned = false, last = null;

  function clear() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 2.5 * ratio, lineCap: "round", lineJoin: "round", strokeStyle: "#000", fillStyle: "#000" });
    isSigned = false;
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * (canvas.width / box.width), (event.clientY - box.top) * (canvas.height / box.height)];
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    isSigned = true;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (last && isSigned) changed();
      last = null;
    });
  }

  return {
    clear,
    picture: () => (isSigned ? new Promise((resolve) => canvas.toBlob(resolve, "image/png")) : Promise.resolve(null)),
    async show(blob) {
      const drawn = await createImageBitmap(blob);
      pen.drawImage(drawn, 0, 0, canvas.width, canvas.height);
      isSigned = true;
    },
  };
}
