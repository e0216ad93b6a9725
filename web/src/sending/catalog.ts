// Categories and communes, kept for when there is no line.
import { useEffect, useState } from "preact/hooks";
import { api, settle, type Schemas } from "../api/client";

export interface Catalog {
  categories: Schemas["Category"][];
  communes: Schemas["Commune"][];
}

const place = "paht.catalog";

function kept(): Catalog | null {
  try {
    const text = localStorage.getItem(place);
    return text ? (JSON.parse(text) as Catalog) : null;
  } catch {
    return null;
  }
}

async function load(): Promise<Catalog | null> {
  const [categories, communes] = await Promise.all([settle(api.GET("/v1/categories")), settle(api.GET("/v1/communes"))]);
  if (!categories.ok || !communes.ok) return null;
  const fresh = { categories: categories.data.categories, communes: communes.data.communes };
  try {
    localStorage.setItem(place, JSON.stringify(fresh));
  } catch {
    // the next page asks again
  }
  return fresh;
}

/** What is kept at once, what is fresh when it comes. */
export function useCatalog(): Catalog {
  const [catalog, set] = useState<Catalog>(() => kept() ?? { categories: [], communes: [] });
  useEffect(() => {
    void load().then((fresh) => fresh && set(fresh));
  }, []);
  return catalog;
}
