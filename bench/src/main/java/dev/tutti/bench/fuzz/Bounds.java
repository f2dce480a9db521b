package dev.tutti.bench.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;

/// How much one input may cost: processor time and memory of the thread that reads it, whatever
/// else the machine does. Both grow with the input and with nothing else. What costs more is tried
/// again: the first inputs load classes.
final class Bounds {
  /// Processor time of any input, in nanoseconds.
  private static final long NANOS = 1_000_000_000L;

  /// How often an input that costs too much is tried.
  private static final int TRIES = 3;

  /// Processor time for each byte, in nanoseconds.
  private static final long NANOS_PER_BYTE = 1_000_000;

  /// Memory that any input may allocate, in bytes.
  private static final long ALLOCATED_BYTES = 64L * 1024 * 1024;

  /// Memory for each byte, in bytes.
  private static final long ALLOCATED_PER_BYTE = 64L * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Bounds() {}

  static void within(byte[] input, Consumer<byte[]> check) {
    for (int left = TRIES; left > 0; left--) {
      long nanos = THREADS.getCurrentThreadCpuTime();
      long bytes = THREADS.getCurrentThreadAllocatedBytes();
      check.accept(input);
      long tookNanos = THREADS.getCurrentThreadCpuTime() - nanos;
      long tookBytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
      if (tookNanos <= NANOS + input.length * NANOS_PER_BYTE
          && tookBytes <= ALLOCATED_BYTES + input.length * ALLOCATED_PER_BYTE) {
        return;
      }
      Claim.that(
          left > 1,
          input.length + " bytes took " + tookNanos / 1_000_000 + " ms, " + tookBytes + " bytes");
    }
  }
}
