/**
 * The binary caches that this session may take finished paths from, as settings and Nix's options name them:
 * `substituters`, `extra-substituters`, `trusted-public-keys`, `extra-trusted-public-keys`, `require-sigs`.
 *
 * None are asked unless somebody names them: what the channel builds is in no public cache.
 */
import { cacheSubstituter } from "../build/cache-substituter.ts";
import type { Substituter } from "../build/substituter.ts";
import { openBinaryCache } from "../fetch/open-cache.ts";
import { fetchSettings } from "../fetch/settings.ts";
import { toBytes } from "../format/bytes.ts";
import { parsePublicKey } from "../format/signature.ts";
import type { Session } from "./compose.ts";
import { nixList, nixSwitch } from "./flags.ts";

/** The key of cache.nixos.org, which Nix trusts from the start. */
const wellKnownKey = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";

/** @throws FetchError for an address of an unknown kind, FormatError for a malformed key */
export function substituters(session: Session): Substituter[] {
  const { given, settings, layout } = session;
  if (nixSwitch(given, "substitute") === false) return [];
  const addresses = [...new Set(nixList(given, "substituters", settings.substituters) ?? [])];
  if (addresses.length === 0) return [];
  const trusted = [wellKnownKey, ...settings.trustedPublicKeys];
  const keys = nixList(given, "trusted-public-keys", trusted) ?? [];
  const trustedKeys =
    nixSwitch(given, "require-sigs") === false ? undefined : keys.map((key) => parsePublicKey(toBytes(key)));
  const fetch = fetchSettings({ mirrors: settings.mirrors });
  return addresses.map((address) => {
    const cache = openBinaryCache(address, { storeDir: layout.storeDir, settings: fetch });
    return cacheSubstituter({ cache, store: session.store, trustedKeys });
  });
}
