package dev.tutti.backends;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// A real owner loop for tests: one event loop, its time, and ways to do something on it and wait.
final class OwnerLoop implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final Vertx vertx = Vertx.vertx();
  final Context context = vertx.getOrCreateContext();
  final Time time = new LoopTime();

  /// Does it on the loop and waits for what it gives.
  <T> T on(Supplier<T> action) {
    var result = new CompletableFuture<T>();
    context.runOnContext(_ -> {
      try {
        result.complete(action.get());
      } catch (RuntimeException | Error thrown) {
        result.completeExceptionally(thrown);
      }
    });
    return await(result);
  }

  void run(Runnable action) {
    on(() -> {
      action.run();
      return true;
    });
  }

  /// Starts it on the loop and waits for its future.
  <T> T outcome(Supplier<Future<T>> action) {
    var result = new CompletableFuture<T>();
    context.runOnContext(
        _ -> action.get().onComplete(result::complete, result::completeExceptionally));
    return await(result);
  }

  private static <T> T await(CompletableFuture<T> result) {
    try {
      return result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException thrown) {
      throw new AssertionError("it failed on the loop", thrown.getCause());
    } catch (TimeoutException | InterruptedException late) {
      throw new AssertionError("nothing within " + PATIENCE, late);
    }
  }

  @Override
  public void close() {
    vertx.close().await();
  }

  private final class LoopTime implements Time {
    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public Timer after(Duration delay, Runnable action) {
      if (!delay.isPositive()) {
        boolean[] cancelled = new boolean[1];
        context.runOnContext(_ -> {
          if (!cancelled[0]) {
            action.run();
          }
        });
        return () -> cancelled[0] = true;
      }
      long id = vertx.setTimer(Math.max(1, delay.toMillis()), _ -> action.run());
      return () -> vertx.cancelTimer(id);
    }
  }
}
