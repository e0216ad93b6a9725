// The map: the communes' outlines drawn here, tiles only where a deployment names a
// host for them. Loaded when somebody opens a map, not before.
import "leaflet/dist/leaflet.css";
import "../style/map.css";
import L from "leaflet";
import type { Area } from "./boundary";

declare const __TILES__: string;

export interface Drawn {
  map: L.Map;
  layers: Map<string, L.Polygon>;
}

export function drawMap(box: HTMLElement, areas: Area[], label: string): Drawn {
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.5, keyboard: true });
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", label);
  if (__TILES__) L.tileLayer(__TILES__, { maxZoom: 19 }).addTo(map);
  const layers = new Map<string, L.Polygon>();
  const group = L.featureGroup();
  for (const area of areas) {
    const shape = L.polygon(
      area.polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [lat, lon] as [number, number]))),
      { className: "commune", weight: 2 },
    );
    shape.bindTooltip(area.name, { permanent: true, direction: "center", className: "commune-name" });
    shape.addTo(group);
    layers.set(area.code, shape);
  }
  group.addTo(map);
  if (areas.length > 0) map.fitBounds(group.getBounds(), { padding: [8, 8] });
  else map.setView([16, 106], 6);
  return { map, layers };
}

export function dot(map: L.Map, lat: number, lon: number): L.CircleMarker {
  return L.circleMarker([lat, lon], { radius: 10, weight: 3, className: "dot", interactive: false }).addTo(map);
}
