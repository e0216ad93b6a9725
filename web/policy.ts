// The Content-Security-Policy of every page, for the hosts that a deployment names:
// the bucket, where uploads go and pictures come from, and the map's tiles. The
// delivery network sends one as a header too (infra/stacks/cdn.yaml); a browser holds
// a page to both, so both must name the same hosts.

// tileOrigin is the origin of a tile address such as
// https://{s}.tiles.example/{z}/{x}/{y}.png; {s} stands for several hosts.
export function tileOrigin(address: string): string {
  return address ? new URL(address.replace("{s}.", "*.").replace(/[{}]/g, "")).origin : "";
}

// frame-ancestors cannot stand in a meta element; the delivery network's header adds it.
// https://www.w3.org/TR/CSP3/#meta-element
export function contentPolicy(bucket: string, tiles: string): string {
  return [
    "default-src 'self'",
    `connect-src 'self' ${bucket}`,
    `img-src 'self' blob: ${bucket} ${tileOrigin(tiles)}`.trim(),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; ");
}
