// Before sending: has somebody reported it already? Without an answer nothing is
// shown, and nothing waits for it.
import { useEffect, useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";
import { t } from "../i18n";
import { NearList } from "../ui/near";

export function Near({ point, category }: { point: { lat: number; lon: number }; category: string }) {
  const [near, setNear] = useState<Schemas["Near"][]>([]);
  useEffect(() => {
    if (!navigator.onLine) return;
    void (async () => {
      const out = await settle(api.GET("/v1/near", { params: { query: { lat: point.lat, lon: point.lon, category } } }));
      if (out.ok) setNear(out.data.reports);
    })();
  }, [point.lat, point.lon, category]);
  return <NearList near={near} title={t("near.title")} text={t("near.text")} />;
}
