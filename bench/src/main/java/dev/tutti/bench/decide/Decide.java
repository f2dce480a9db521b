package dev.tutti.bench.decide;

import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// Runs {@link Deciding} in processes of its own.
public final class Decide {
  private static final int FORKS = 3;
  private static final int ITERATIONS = 5;

  private Decide() {}

  /// Prints the table; takes three minutes.
  public static void run() throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(Deciding.class.getName() + ".*")
            .forks(FORKS)
            .warmupIterations(ITERATIONS)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(ITERATIONS)
            .measurementTime(TimeValue.seconds(1))
            .resultFormat(ResultFormatType.TEXT)
            .build();
    new Runner(options).run();
  }
}
