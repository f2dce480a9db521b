package dev.tutti.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one connection that reads, and a platform thread for it that goes when nobody asks.
///
/// With a write-ahead log readers and the writer do not wait for each other; a query sees all that
/// was committed before it began.
final class Reader {
  private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

  /// How long the thread stays when nobody asks.
  private static final Duration KEEP = Duration.ofSeconds(10);

  private final Path file;
  private final Connection connection;
  private final StoreLimits limits;
  private final ThreadPoolExecutor thread;

  Reader(Path file, Connection connection, StoreLimits limits) {
    this.file = file;
    this.connection = connection;
    this.limits = limits;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            KEEP.toSeconds(),
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(limits.readsWaiting()),
            Thread.ofPlatform().daemon().name("tutti-store-reader").factory());
    thread.allowCoreThreadTimeOut(true);
  }

  <T> CompletableFuture<T> ask(Query<T> query) {
    var answer = new CompletableFuture<T>();
    try {
      thread.execute(() -> ask(query, answer));
    } catch (RejectedExecutionException full) {
      answer.completeExceptionally(
          DatabaseTrouble.refused(
              DatabaseTrouble.say(
                  file,
                  "takes no more queries",
                  "an open store with fewer than " + limits.readsWaiting() + " waiting"),
              full));
    }
    return answer;
  }

  private <T> void ask(Query<T> query, CompletableFuture<T> answer) {
    Runnable acknowledgement;
    try {
      T found = query.ask(connection);
      acknowledgement = () -> answer.complete(found);
    } catch (SQLException | RuntimeException failure) {
      String message = DatabaseTrouble.message(file, failure);
      acknowledgement =
          () -> answer.completeExceptionally(DatabaseTrouble.refused(message, failure));
    }
    Thread.startVirtualThread(acknowledgement);
  }

  /// Answers what was asked and ends; says whether that was done within `wait`.
  boolean close(Duration wait) throws InterruptedException {
    thread.shutdown();
    boolean ended = thread.awaitTermination(wait.toNanos(), TimeUnit.NANOSECONDS);
    if (ended) {
      try {
        connection.close();
      } catch (SQLException failure) {
        LOG.warn("the database did not close cleanly file={}", file, failure);
      }
    }
    return ended;
  }
}
