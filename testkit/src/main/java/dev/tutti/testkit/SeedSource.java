package dev.tutti.testkit;

import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/// Turns {@link Seeds} into arguments.
final class SeedSource implements ArgumentsProvider {
  /// The system property that names the one seed to replay.
  static final String REPLAY_PROPERTY = "seed";

  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    int count = context.getRequiredTestMethod().getAnnotation(Seeds.class).value();
    Class<?> wanted =
        parameters
            .getFirst()
            .orElseThrow(() -> new IllegalStateException("parameters: 0 (expected: 1)"))
            .getParameterType();
    return seeds(count, System.getProperty(REPLAY_PROPERTY, ""))
        .mapToObj(Seed::new)
        .map(seed -> Arguments.argumentSet(seed.toString(), argument(seed, wanted)));
  }

  static LongStream seeds(int count, String replay) {
    if (count < 1) {
      throw new IllegalStateException("seeds: " + count + " (expected: >= 1)");
    }
    return replay.isBlank()
        ? LongStream.rangeClosed(1, count)
        : LongStream.of(Long.parseLong(replay.strip()));
  }

  private static Object argument(Seed seed, Class<?> wanted) {
    if (wanted == Seed.class) {
      return seed;
    }
    if (wanted == RandomGenerator.class) {
      return seed.random();
    }
    throw new IllegalStateException(
        "parameter: " + wanted.getName() + " (expected: Seed or RandomGenerator)");
  }
}
