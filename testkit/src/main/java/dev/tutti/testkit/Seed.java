package dev.tutti.testkit;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// The number a property test's case is made from: the same seed makes the same case for ever.
public record Seed(long value) {
  private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
      RandomGeneratorFactory.of("L64X128MixRandom");

  /// A fresh generator that begins where every generator of this seed begins.
  public RandomGenerator random() {
    return FACTORY.create(value);
  }

  @Override
  public String toString() {
    return "seed " + value;
  }
}
