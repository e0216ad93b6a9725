// The communes' outlines: the base layer of the map, without any other host, and the
// answer to which commune a point lies in. The API judges again.

export type Ring = [number, number][]; // longitude, latitude

export interface Area {
  code: string;
  name: string;
  polygons: Ring[][]; // outer ring, then holes
}

interface Feature {
  properties: Record<string, unknown>;
  geometry: { type: "Polygon"; coordinates: Ring[] } | { type: "MultiPolygon"; coordinates: Ring[][] };
}

export function areasOf(collection: { features: Feature[] }): Area[] {
  return collection.features.map((f) => ({
    code: String(f.properties["code"] ?? ""),
    name: String(f.properties["name"] ?? ""),
    polygons: f.geometry.type === "Polygon" ? [f.geometry.coordinates] : f.geometry.coordinates,
  }));
}

let loading: Promise<Area[]> | null = null;

export function boundary(): Promise<Area[]> {
  loading ??= fetch("/assets/boundary.json")
    .then((r) => (r.ok ? r.json() : { features: [] }))
    .then(areasOf)
    .catch(() => {
      loading = null; // the next question tries again
      return [];
    });
  return loading;
}

function inRing(ring: Ring, lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!;
    const [xj, yj] = ring[j]!;
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function inPolygon(rings: Ring[], lon: number, lat: number): boolean {
  const [outer, ...holes] = rings;
  return outer !== undefined && inRing(outer, lon, lat) && !holes.some((h) => inRing(h, lon, lat));
}

/** The commune that a point lies in; an exclave wins over what surrounds it. */
export function communeAt(areas: Area[], lat: number, lon: number): Area | null {
  let found: Area | null = null;
  let size = Infinity;
  for (const area of areas) {
    for (const polygon of area.polygons) {
      if (!inPolygon(polygon, lon, lat)) continue;
      const extent = extentOf(polygon[0]!);
      if (extent < size) [found, size] = [area, extent];
    }
  }
  return found;
}

function extentOf(ring: Ring): number {
  const lons = ring.map((p) => p[0]);
  const lats = ring.map((p) => p[1]);
  return (Math.max(...lons) - Math.min(...lons)) * (Math.max(...lats) - Math.min(...lats));
}
