import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { boundary } from "../place/boundary";

/** Where a report's point lies. */
export function PlaceMap({ point }: { point: { lat: number; lon: number } }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let left = false;
    let drawn: { remove: () => void } | null = null;
    void Promise.all([boundary(), import("../place/map")]).then(([areas, { drawMap, dot }]) => {
      if (left || !box.current) return;
      const { map } = drawMap(box.current, areas, t("report.map"));
      dot(map, point.lat, point.lon);
      drawn = map;
    });
    return () => {
      left = true;
      drawn?.remove();
    };
  }, [point.lat, point.lon]);
  return <div class="map" ref={box} />;
}
