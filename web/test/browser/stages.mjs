// Reports in the states that the officers' pages show, moved there over the API.
import { until } from "./harness.mjs";
import { call, citizen, quickReport } from "./people.mjs";
import { officer, summary } from "./story.mjs";

const long = ("Đường liên ấp xuống cấp nặng, mỗi khi mưa nước ngập nửa bánh xe, học sinh phải dắt bộ qua. ".repeat(30)).slice(0, 1880);
const unbroken = "Nghiêng".repeat(16);

async function act(p, code, path, body, part) {
  const found = await call(p, "GET", `/v1/reports/${encodeURIComponent(code)}`);
  const etag = part ? found.body.assignments[0].etag : found.body.etag;
  const out = await call(p, "POST", `/v1/reports/${encodeURIComponent(code)}${path}`, body, { "If-Match": etag });
  if (out.status !== 200) throw new Error(`${path} answered ${out.status}: ${JSON.stringify(out.body)}`);
  return out.body;
}

async function upload(p, code, file) {
  return p.page.evaluate(
    async ([code, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const answer = await fetch(`/v1/reports/${encodeURIComponent(code)}/assignments/a1/result-upload`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
        body: JSON.stringify({ size: bytes.length, sha256: btoa(String.fromCharCode(...sum)) }),
      });
      const slot = await answer.json();
      const form = new FormData();
      for (const [name, value] of Object.entries(slot.fields)) form.append(name, value);
      form.append("file", new Blob([bytes]));
      await fetch(slot.url, { method: "POST", body: form });
      return slot.id;
    },
    [code, file.toString("base64")],
  );
}

/** One report a stage: screening, asked, routing, handling, editing. */
export async function inEveryStage(ground) {
  if (ground.shared.stages) return ground.shared.stages;
  const p = await citizen(ground);
  const [lan, hung, minh] = [await officer(ground, "lan"), await officer(ground, "hung"), await officer(ground, "minh")];
  const codes = {
    screening: await quickReport(p, `${long} ${unbroken}`, { point: { lat: 9.705, lon: 106.085 } }),
    asked: await quickReport(p, "Hàng rào công viên bị gãy."),
    routing: await quickReport(p, "Cống tràn nước thải ra đường trước chợ.", { category: "thoat_nuoc_ngap" }),
    handling: await quickReport(p, "Đèn đường trước trạm y tế chập chờn."),
    editing: await quickReport(p, "Cây bàng trước cổng trường có cành khô sắp gãy."),
  };
  await act(lan, codes.asked, "/supplement-request", { text: "Xin cho biết đoạn nào của công viên." });
  for (const code of [codes.routing, codes.handling, codes.editing]) await act(lan, code, "/acceptance", {});
  for (const code of [codes.handling, codes.editing]) {
    await act(hung, code, "/transfer", { targets: [{ agency: "TTHTKT" }] });
    await act(minh, code, "/assignments/a1/receipt", undefined, true);
  }
  await new Promise((done) => setTimeout(done, 1100)); // signing times are whole seconds
  const at = new Date().toISOString().replace(/\.\d+/, "");
  const slot = await upload(minh, codes.editing, await ground.signer.make("sign", codes.editing));
  await act(minh, codes.editing, "/assignments/a1/result", { upload: slot, resultAt: at, summary }, true);
  await until("the machine's draft", async () => {
    const found = await call(lan, "GET", `/v1/reports/${encodeURIComponent(codes.editing)}`);
    return (found.body.drafts ?? []).length > 0;
  });
  for (const one of [p, lan, hung, minh]) await one.close();
  ground.shared.stages = codes;
  return codes;
}
