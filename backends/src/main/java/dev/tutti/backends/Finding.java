package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.fleet.BackendFacts;

/// What a probe found at an address.
public sealed interface Finding {
  /// An engine that answers.
  record Found(BackendFacts facts) implements Finding {}

  /// Something answers that is no engine we can speak to, for instance a web server.
  ///
  /// @param why for people
  record NoEngine(String why) implements Finding {}

  /// The address leads back to this hub.
  record ThisHub() implements Finding {}

  /// Nothing can be said: nobody answers, not in time, or the engine is loading or wants a key.
  record Unavailable(Failure failure) implements Finding {}
}
