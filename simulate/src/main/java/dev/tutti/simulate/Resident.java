package dev.tutti.simulate;

import dev.tutti.core.ModelName;

/// A model on one engine: whether it is in memory, and what is done with it. Owner loop only.
final class Resident {
  /// Whether a model is in memory.
  enum State {
    ABSENT,
    LOADING,
    READY
  }

  final ModelSpec spec;
  final Rates rates;
  State state = State.ABSENT;

  /// Streams that were admitted and have not ended.
  int users;

  /// Of those, the ones whose prompts are being read.
  int reading;

  /// Of those, the ones whose answers are being written.
  int writing;

  long usedNanos;
  PrefixCache cache = new PrefixCache(0);

  Resident(ModelSpec spec, Rates rates) {
    this.spec = spec;
    this.rates = rates;
  }

  ModelName name() {
    return spec.name();
  }
}
