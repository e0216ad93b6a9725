import { expect, test } from "vitest";
import { contentPolicy } from "../../policy.ts";

// What a page may reach, directive by directive.
function directives(policy: string): Record<string, string[]> {
  return Object.fromEntries(policy.split("; ").map((d) => d.split(" ")).map(([name, ...values]) => [name, values]));
}

test.each([
  ["one machine", "http://127.0.0.1:*", "", ["'self'", "http://127.0.0.1:*"], ["'self'", "blob:", "http://127.0.0.1:*"]],
  ["a deployment", "https://files.example", "", ["'self'", "https://files.example"], ["'self'", "blob:", "https://files.example"]],
  ["a deployment with tiles", "https://files.example", "https://tiles.example/{z}/{x}/{y}.png",
    ["'self'", "https://files.example"], ["'self'", "blob:", "https://files.example", "https://tiles.example"]],
  ["tiles on several hosts", "https://files.example", "https://{s}.tiles.example/{z}/{x}/{y}.png",
    ["'self'", "https://files.example"], ["'self'", "blob:", "https://files.example", "https://*.tiles.example"]],
])("the hosts of %s, and no other", (_name, bucket, tiles, connect, img) => {
  const policy = directives(contentPolicy(bucket, tiles));
  expect(policy).toEqual({
    "default-src": ["'self'"],
    "connect-src": connect,
    "img-src": img,
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
  });
});
