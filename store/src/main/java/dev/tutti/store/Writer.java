package dev.tutti.store;

import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes, and the one connection it writes through.
///
/// A platform thread, since SQLite is native code and would pin a virtual thread's carrier. A
/// transaction that holds a durable change is committed with `synchronous = FULL`: what is
/// acknowledged survives a power cut. One of usage rows only is committed with `NORMAL`: it
/// survives the death of the process, and the disk is not made to wait for it.
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  private final Path file;
  private final Connection connection;
  private final StoreLimits limits;
  private final Time time;
  private final StoreListener listener;
  private final Inbox inbox;
  private final Thread thread;

  private final AtomicLong usageWritten = new AtomicLong();
  private final AtomicLong usageDropped = new AtomicLong();
  private final AtomicLong changesWritten = new AtomicLong();
  private final AtomicLong changesFailed = new AtomicLong();
  private volatile String trouble = "";

  private long rowsSincePrune;
  private long prunedNanos;
  private boolean pruneMore = true;
  private long dropsLogged;
  private long dropsLoggedNanos;

  Writer(Path file, Connection connection, StoreLimits limits, Time time, StoreListener listener) {
    this.file = file;
    this.connection = connection;
    this.limits = limits;
    this.time = time;
    this.listener = listener;
    this.inbox = new Inbox(limits);
    this.prunedNanos = time.nanos();
    this.dropsLoggedNanos = time.nanos() - StoreLimits.DROPS_LOGGED_EVERY.toNanos();
    this.thread = Thread.ofPlatform().daemon().name("tutti-store-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  <T> CompletableFuture<T> change(Change<T> change) {
    var done = new CompletableFuture<T>();
    if (!inbox.offer(new Inbox.Pending<>(change, done))) {
      changesFailed.incrementAndGet();
      done.completeExceptionally(
          DatabaseTrouble.refused(
              DatabaseTrouble.say(
                  file,
                  "takes no more changes",
                  "an open store with fewer than " + limits.changesWaiting() + " waiting")));
    }
    return done;
  }

  void record(UsageRow row) {
    if (!inbox.offer(row)) {
      usageDropped.incrementAndGet();
    }
  }

  /// Whether there was room.
  boolean note(BackendTable.Note note) {
    return inbox.offer(note);
  }

  StoreHealth health() {
    return new StoreHealth(
        usageWritten.get(), usageDropped.get(), changesWritten.get(), changesFailed.get(), trouble);
  }

  /// Writes what is there and ends; says whether that was done within `wait`. Past it, what could
  /// not be written is failed and counted.
  boolean close(Duration wait) throws InterruptedException {
    inbox.close();
    if (thread.join(wait)) {
      return true;
    }
    abandon(DatabaseTrouble.say(file, "could not be closed in time", "within " + wait));
    return false;
  }

  private void run() {
    try (connection) {
      while (!inbox.isFinished()) {
        write(inbox.take(pruneMore ? 0 : idleNanos()));
        logDrops();
        if (!inbox.isFinished()) {
          prune();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (SQLException failure) {
      LOG.warn("the database did not close cleanly file={}", file, failure);
    } finally {
      inbox.close();
      abandon(DatabaseTrouble.say(file, "is closed", "an open store"));
    }
  }

  /// Fails what nobody will write any more.
  private void abandon(String message) {
    for (var rest = inbox.drain(); !rest.isEmpty(); rest = inbox.drain()) {
      fail(rest, message, new SQLException(message));
    }
  }

  private void write(Inbox.Batch batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      List<Runnable> acknowledgements = commit(batch);
      changesWritten.addAndGet(batch.changes().size());
      usageWritten.addAndGet(batch.usage().size());
      rowsSincePrune += batch.usage().size();
      troubled("");
      // Whoever continues from an acknowledgement must not do so on this thread.
      acknowledgements.forEach(Thread::startVirtualThread);
    } catch (SQLException | RuntimeException failure) {
      if (batch.isOneThing()) {
        fail(batch, DatabaseTrouble.message(file, failure), failure);
      } else {
        batch.apart().forEach(this::write);
      }
    } catch (Error dying) {
      fail(batch, DatabaseTrouble.message(file, dying), dying);
      throw dying;
    }
  }

  private List<Runnable> commit(Inbox.Batch batch) throws SQLException {
    Sql.execute(
        connection,
        batch.changes().isEmpty() ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
    Sql.execute(connection, "BEGIN IMMEDIATE");
    try {
      var acknowledgements = new ArrayList<Runnable>();
      for (Inbox.Pending<?> pending : batch.changes()) {
        acknowledgements.add(apply(pending));
      }
      UsageTable.add(connection, batch.usage());
      for (BackendTable.Note note : batch.notes()) {
        BackendTable.note(connection, note);
      }
      Sql.execute(connection, "COMMIT");
      return acknowledgements;
    } catch (SQLException | RuntimeException failure) {
      rollBack();
      throw failure;
    }
  }

  private <T> Runnable apply(Inbox.Pending<T> pending) throws SQLException {
    T answer = pending.change().apply(connection);
    return () -> pending.done().complete(answer);
  }

  private void rollBack() {
    try {
      Sql.execute(connection, "ROLLBACK");
    } catch (SQLException alreadyDone) {
      // After a full disk and the like SQLite has rolled back by itself.
      LOG.debug("nothing to roll back file={} why={}", file, alreadyDone.getMessage());
    }
  }

  private void fail(Inbox.Batch batch, String message, Throwable cause) {
    usageDropped.addAndGet(batch.usage().size());
    changesFailed.addAndGet(batch.changes().size());
    if (!DatabaseTrouble.isOfTheChange(cause)) {
      troubled(message);
    }
    MeshException failure = DatabaseTrouble.refused(message, cause);
    for (Inbox.Pending<?> pending : batch.changes()) {
      Thread.startVirtualThread(() -> pending.done().completeExceptionally(failure));
    }
  }

  private void troubled(String message) {
    if (message.equals(trouble)) {
      return;
    }
    trouble = message;
    if (message.isEmpty()) {
      LOG.info("the store writes again file={}", file);
    } else {
      LOG.warn("the store does not write why={}", message);
    }
    try {
      listener.changed(health());
    } catch (RuntimeException bug) {
      LOG.error("a listener of the store failed file={}", file, bug);
    }
  }

  private void logDrops() {
    long dropped = usageDropped.get();
    long now = time.nanos();
    if (dropped > dropsLogged
        && now - dropsLoggedNanos >= StoreLimits.DROPS_LOGGED_EVERY.toNanos()) {
      LOG.warn("usage rows were dropped file={} rows={}", file, dropped - dropsLogged);
      dropsLogged = dropped;
      dropsLoggedNanos = now;
    }
  }

  private long idleNanos() {
    return Math.max(1, StoreLimits.PRUNE_EVERY.toNanos() - (time.nanos() - prunedNanos));
  }

  /// Removes one bunch of what is old, when it is time to.
  private void prune() {
    boolean due =
        pruneMore
            || rowsSincePrune >= StoreLimits.PRUNE_AFTER_ROWS
            || time.nanos() - prunedNanos >= StoreLimits.PRUNE_EVERY.toNanos();
    if (!due) {
      return;
    }
    rowsSincePrune = 0;
    prunedNanos = time.nanos();
    try {
      Sql.execute(connection, "PRAGMA synchronous = NORMAL");
      int removed = UsageTable.prune(connection, limits, time.now());
      BackendTable.pruneModels(connection, limits.modelsSeen());
      pruneMore = removed >= limits.pruneRows();
    } catch (SQLException | RuntimeException failure) {
      pruneMore = false;
      troubled(DatabaseTrouble.message(file, failure));
    }
  }
}
