package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dialects.Work;
import java.util.Optional;

/// What decides how an engine holds its models in memory. Owner loop only.
public interface ModelMemory {
  /// The requests decide: nothing is known of the engine.
  ModelMemory AS_ASKED = (_, _) -> Verdict.AS_ASKED;

  /// What holds for a piece of work. Changes nothing: it may be asked without work being started.
  Verdict judge(Work work, ModelName model);

  /// The work begins under that verdict; the answer must be told how it goes.
  ///
  /// @param send sends the request: now, or when those before it must no longer be overtaken
  default Use begin(Work work, ModelName model, Verdict verdict, Runnable send) {
    send.run();
    return _ -> {};
  }

  /// Hears how a piece of work goes.
  interface Use {
    /// The engine has begun to answer.
    default void heard() {}

    /// It is over.
    void over(End end);
  }

  /// How a piece of work ended.
  enum End {
    /// The engine did it.
    DONE,
    /// The engine did not.
    FAILED,
    /// Nobody wanted it any more: the engine may have done a part of it.
    LEFT
  }

  /// What holds for a piece of work.
  ///
  /// @param load what to ask of the engine instead of what the work says, if anything
  /// @param refusal why the engine cannot do it, if it cannot
  /// @param why what differs from the request, for people; empty when nothing does
  record Verdict(Optional<OllamaLoad> load, Optional<Failure> refusal, String why) {
    /// As the request says.
    public static final Verdict AS_ASKED = new Verdict(Optional.empty(), Optional.empty(), "");
  }
}
