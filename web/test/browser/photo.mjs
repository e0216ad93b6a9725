// Photos made by the browser itself, so that no picture of anybody is kept here.

/** A JPEG of the asked size; noise makes it as heavy as a real one. */
export async function photo(page, width, height, name = "anh.jpg") {
  const base64 = await page.evaluate(
    async ([w, h]) => {
      const canvas = document.createElement("canvas");
      canvas.width = w;
      canvas.height = h;
      const c = canvas.getContext("2d");
      const sky = c.createLinearGradient(0, 0, 0, h);
      sky.addColorStop(0, "#86b7dd");
      sky.addColorStop(1, "#5c5347");
      c.fillStyle = sky;
      c.fillRect(0, 0, w, h);
      for (let i = 0; i < 4000; i++) {
        c.fillStyle = `hsl(${(i * 37) % 360} 40% ${30 + (i % 40)}%)`;
        c.fillRect((i * 7919) % w, (i * 104729) % h, w / 60, h / 60);
      }
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let s = "";
      for (let i = 0; i < bytes.length; i += 0x8000) s += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      return btoa(s);
    },
    [width, height],
  );
  return { name, mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") };
}
