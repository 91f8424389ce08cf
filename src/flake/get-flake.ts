/** `builtins.getFlake`: locks a flake in memory and calls it. Manual: "Built-ins". */
import type { ByteString } from "../format/bytes.ts";
import type { GetFlake } from "../language/builtins/flakes.ts";
import { asEvaluationError } from "../language/errors.ts";
import type { NixEvaluator } from "../language/evaluator.ts";
import { isLockedInput } from "../language/input-schemes.ts";
import type { Evaluator, Pos, Value } from "../language/value.ts";
import { callFlake } from "./call-flake.ts";
import { lockFlake, warnNotWritten } from "./lock.ts";
import { parseReference } from "./reference.ts";
import type { Sources } from "./source.ts";

/** The builtin over an evaluation's fetched sources. */
export function makeGetFlake(sources: Sources): GetFlake {
  return (evaluator: Evaluator, pos: Pos, text: ByteString): Value => {
    const ev = evaluator as NixEvaluator;
    const { pureEval } = ev.settings;
    const reference = parseReference(ev, text);
    if (pureEval && !isLockedInput(ev, reference.input))
      throw ev.error(
        `cannot call 'getFlake' on unlocked flake reference '${text}', at ${ev.positions.show(pos)} (use --impure to override)`,
      );
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
  };
}
