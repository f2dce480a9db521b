package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dialects.Work;
import dev.tutti.fleet.ModelFacts;
import java.util.Optional;
import java.util.function.Function;

/// An engine whose context was fixed when it was started: who asks for more is refused, since it
/// would be cut off in silence. Owner loop only.
///
/// @param facts the newest facts of a model on that engine
public record FixedMemory(Function<ModelName, Optional<ModelFacts>> facts) implements ModelMemory {
  @Override
  public Verdict judge(Work work, ModelName model) {
    int asked = OllamaLoad.contextOf(work).orElse(0);
    int there = facts.apply(model).map(FixedMemory::context).orElse(0);
    if (asked == 0 || there == 0 || asked <= there) {
      return Verdict.AS_ASKED;
    }
    Failure refusal =
        Failure.of(
            FailureCode.INVALID_REQUEST,
            Retry.SAFE_NOT_STARTED,
            "num_ctx: "
                + asked
                + " (expected: at most "
                + there
                + ", the context that this engine was started with)");
    return new Verdict(Optional.empty(), Optional.of(refusal), "");
  }

  private static int context(ModelFacts model) {
    int loaded = model.loaded().contextTokens();
    return loaded > 0 ? loaded : model.contextTokens();
  }
}
