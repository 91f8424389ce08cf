/**
 * The certificate authorities that HTTPS trusts.
 *
 * A bundle named by NIX_SSL_CERT_FILE or SSL_CERT_FILE stands for all others, as in Nix; otherwise the system's, else
 * those that Node carries. NODE_EXTRA_CA_CERTS and the bundles that pip and curl were told of are added: a company's
 * own authority is often set in one of them alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";
import { FetchError } from "./error.ts";
import type { FetchSettings } from "./settings.ts";

const systemBundles = [
  "etc/ssl/certs/ca-certificates.crt", // Debian, Arch, NixOS, Gentoo
  "etc/pki/tls/certs/ca-bundle.crt", // Fedora
  "etc/ssl/ca-bundle.pem", // openSUSE
  "etc/ssl/cert.pem", // Alpine, macOS
];

const chosen = ["NIX_SSL_CERT_FILE", "SSL_CERT_FILE"];
const added = ["NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The trusted bundles, in PEM. @throws FetchError if a file that a variable names cannot be read */
export function trustedCertificates(settings: FetchSettings, more: readonly string[] = []): string[] {
  const found = new Map<string, string>();
  for (const variable of chosen) {
    const file = settings.environment[variable];
    if (!file) continue;
    const text = readIfThere(file);
    if (text === undefined) {
      throw new FetchError(`the certificates '${file}' named by ${variable} cannot be read`, {
        hint: `Set ${variable} to a PEM file that exists, or unset it to use the system's.`,
      });
    }
    found.set(file, text);
    break;
  }
  if (found.size === 0) {
    for (const bundle of systemBundles) {
      const file = join(settings.systemRoot, bundle);
      const text = readIfThere(file);
      if (text === undefined) continue;
      found.set(file, text);
      break;
    }
  }
  const bundles = found.size === 0 ? [...tls.rootCertificates] : [];
  const others = [...added.map((variable) => settings.environment[variable] ?? ""), ...more];
  for (const file of others) {
    if (file === "" || found.has(file)) continue;
    const text = readIfThere(file);
    if (text !== undefined) found.set(file, text);
  }
  // The same bundle under two names would be parsed twice.
  return [...bundles, ...new Set(found.values())];
}
