package dev.tutti.bench.decide;

import dev.tutti.dispatch.WaitEstimate;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// What it costs to give a task its place.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
public class Deciding {
  /// Engines.
  @Param({"10", "1000"})
  public int backends;

  /// The share of their slots that is in use.
  @Param({"0", "0.5", "0.95"})
  public double load;

  private Crowd crowd = new Crowd(1, 0);

  /// Engines whose pace is measured, so many slots in use.
  @Setup
  public void gather() {
    crowd = new Crowd(backends, load);
  }

  /// The decision alone, with the hashes of the task's prompt at hand.
  @Benchmark
  public WaitEstimate decide() {
    return crowd.decide();
  }

  /// All of it, with the books that are kept on the way: from `submit` to the engine's `start`, and
  /// back when the client leaves.
  @Benchmark
  public void serve() {
    crowd.serve();
  }
}
