package dev.tutti.store;

import dev.tutti.fleet.BackendFacts;
import java.util.Optional;

/// What the store reads back.
public final class StoreReaders {
  private StoreReaders() {}

  /// Facts after they were kept.
  public static Optional<BackendFacts> kept(BackendFacts facts) {
    return FactsJson.read(FactsJson.write(facts));
  }

  /// Facts in a row that somebody else wrote.
  public static Optional<BackendFacts> facts(String text) {
    return FactsJson.read(text);
  }
}
