// Where it is: the device's position, a tap on the map, or the commune and a landmark
// without any map. Nothing needs dragging.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import type { Draft } from "../draft/store";
import { boundary, communeAt, type Area } from "../place/boundary";
import type { Drawn } from "../place/map";
import { SelectField, TextField, type Errors } from "../ui/form";
import { useCatalog } from "./catalog";

interface Props {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  errors: Errors;
}

function MapBox({ areas, draft, onPoint }: { areas: Area[]; draft: Draft; onPoint: (lat: number, lon: number) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const mark = useRef<{ remove: () => void } | null>(null);
  const act = useRef(onPoint);
  act.current = onPoint;

  useEffect(() => {
    let left = false;
    void import("../place/map").then(({ drawMap }) => {
      if (left || !box.current) return;
      drawn.current = drawMap(box.current, areas, t("send.map"));
      drawn.current.map.on("click", (e) => act.current(e.latlng.lat, e.latlng.lng));
      show();
    });
    return () => {
      left = true;
      drawn.current?.map.remove();
      drawn.current = null;
    };
  }, [areas]);

  function show() {
    const d = drawn.current;
    mark.current?.remove();
    mark.current = null;
    if (!d || !draft.point) return;
    const { lat, lon } = draft.point;
    void import("../place/map").then(({ dot }) => {
      mark.current = dot(d.map, lat, lon);
      if (!d.map.getBounds().contains([lat, lon])) d.map.panTo([lat, lon]);
    });
  }
  useEffect(show, [draft.point]);

  return (
    <>
      <div class="map" ref={box} />
      <button
        type="button"
        class="button map-middle"
        onClick={() => {
          const c = drawn.current?.map.getCenter();
          if (c) onPoint(c.lat, c.lng);
        }}
      >
        {t("send.mapMiddle")}
      </button>
    </>
  );
}

export function Place({ draft, set, errors }: Props) {
  const catalog = useCatalog();
  const [areas, setAreas] = useState<Area[]>([]);
  const [open, setOpen] = useState(false);
  const [gps, setGps] = useState("");
  useEffect(() => {
    void boundary().then(setAreas);
  }, []);

  function choose(lat: number, lon: number) {
    const point = { lat: Number(lat.toFixed(5)), lon: Number(lon.toFixed(5)) };
    const area = communeAt(areas, point.lat, point.lon);
    set({ point, ...(area ? { commune: area.code, communeName: area.name } : {}) });
  }
  function locate() {
    setGps(t("send.gpsWait"));
    navigator.geolocation.getCurrentPosition(
      (p) => {
        setGps("");
        choose(p.coords.latitude, p.coords.longitude);
      },
      (e) => setGps(t(e.code === e.PERMISSION_DENIED ? "send.gpsDenied" : "send.gpsFailed")),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  }
  const inside = draft.point ? communeAt(areas, draft.point.lat, draft.point.lon) : null;
  return (
    <>
      <p class="hint">{t("send.placeHint")}</p>
      <p>
        {"geolocation" in navigator ? (
          <button type="button" class="button" onClick={locate}>
            {t("send.gps")}
          </button>
        ) : null}
        <button type="button" class="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "send.closeMap" : "send.openMap")}
        </button>
      </p>
      <p role="status">{gps}</p>
      {open ? <MapBox areas={areas} draft={draft} onPoint={choose} /> : null}
      <div class={errors["point"] ? "field wrong" : "field"} id="point" tabIndex={-1} role="status">
        {errors["point"] ? <p class="error">{errors["point"]}</p> : null}
        {draft.point ? (
          <p>
            <strong>{t("send.point")}:</strong>{" "}
            {inside || areas.length === 0
              ? t("send.pointIn", { commune: inside?.name ?? "", lat: draft.point.lat, lon: draft.point.lon })
              : t("send.pointOut")}{" "}
            <button type="button" class="link" onClick={() => set({ point: null })}>
              {t("send.pointRemove")}
            </button>
          </p>
        ) : null}
      </div>
      <SelectField
        name="commune"
        label={t("send.commune")}
        error={errors["commune"]}
        value={draft.commune}
        empty={t("send.communeEmpty")}
        options={catalog.communes.map((c) => [c.code, c.name])}
        onValue={(commune) => set({ commune, communeName: catalog.communes.find((c) => c.code === commune)?.name ?? "" })}
      />
      <TextField
        name="address"
        label={t("send.address")}
        hint={t("send.addressHint")}
        error={errors["address"]}
        value={draft.address}
        onValue={(address) => set({ address })}
        input={{ maxLength: 300, autocomplete: "off" }}
      />
    </>
  );
}
