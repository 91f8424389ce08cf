/** `builtins.getFlake`: locks a flake in memory and calls it. Manual: "Built-ins". */
import type { ByteString } from "../format/bytes.ts";
import { asEvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { isLockedInput } from "../language/input-schemes.ts";
import { noPos, type Pos, type Value } from "../language/value.ts";
import { callFlake } from "./call-flake.ts";
import { lockFlake, warnNotWritten } from "./lock.ts";
import { parseReference } from "./reference.ts";
import type { Sources } from "./source.ts";

/** @param sources what the evaluation has fetched */
export function getFlake(ev: NixEvaluator, sources: Sources, pos: Pos, text: ByteString): Value {
  const { pureEval } = ev.settings;
  const reference = parseReference(ev, text);
  if (pureEval && !isLockedInput(ev, reference.input)) {
    const place = pos === noPos ? "\xc2\xabnone\xc2\xbb:0" : ev.positions.show(pos);
    throw ev.error(
      `cannot call 'getFlake' on unlocked flake reference '${text}', at ${place} (use --impure to override)`,
    );
  }
  try {
    const locked = lockFlake(ev, sources, reference, {
      useRegistries: !pureEval && sources.surroundings.useRegistries,
      allowUnlocked: !pureEval,
    });
    if (locked.isChanged) warnNotWritten(ev, locked, reference);
    return callFlake(ev, sources, locked);
  } catch (error) {
    throw asEvaluationError(error);
  }
}
