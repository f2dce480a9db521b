package dev.tutti.store;

import dev.tutti.access.Key;
import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.worklist.WorkStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What outlives the hub, in one SQLite file. Any thread may call any method; none but {@link
/// #open} and {@link #close} waits for the disk, and none throws because of it.
///
/// Three kinds of calls:
/// * *durable changes* (nodes, backends, keys, meta) are committed at once; the future completes
///   after the commit has reached the disk, or fails with a {@link dev.tutti.core.MeshException}
///   and nothing has changed;
/// * *records* ({@link #recordUsage}, {@link #noteFacts}) are written in groups within {@link
///   StoreLimits#groupWait}, and are dropped and counted when the disk cannot keep up;
/// * *queries* are answered from what is committed.
///
/// Futures complete on a thread of their own: hand over to your loop.
public final class SqliteStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

  private final Path file;
  private final StoreLimits limits;
  private final Writer writer;
  private final Reader reader;
  private final SqliteWork work;

  private SqliteStore(Path file, StoreLimits limits, Writer writer, Reader reader) {
    this.file = file;
    this.limits = limits;
    this.writer = writer;
    this.reader = reader;
    this.work = new SqliteWork(writer, reader);
  }

  /// Opens the file with the limits of a hub; nobody listens to its health.
  public static SqliteStore open(Path file, Time time) {
    return open(file, time, StoreLimits.DEFAULT, StoreListener.NONE);
  }

  /// Opens the file, makes it and its directory where there is none, and migrates it where it is
  /// older than this version. Blocks. `time` must answer `now` and `nanos` on any thread.
  ///
  /// @throws dev.tutti.core.MeshException when the file cannot be used: unwritable, damaged, not
  ///   ours, or written by a newer version; the message says what would help
  public static SqliteStore open(Path file, Time time, StoreLimits limits, StoreListener listener) {
    return open(file, time, limits, listener, StatementWatch.NONE);
  }

  /// The same with somebody who watches the writer's statements.
  public static SqliteStore open(
      Path file, Time time, StoreLimits limits, StoreListener listener, StatementWatch watch) {
    DatabaseFile database = DatabaseFile.prepare(file, limits);
    Connection writing = null;
    try {
      writing = watch.over(database.writer());
      var reader = new Reader(database.file(), database.reader(), limits);
      var writer = new Writer(database.file(), writing, limits, time, listener);
      writer.start();
      return new SqliteStore(database.file(), limits, writer, reader);
    } catch (SQLException trouble) {
      if (writing != null) {
        closeQuietly(writing, trouble);
      }
      throw DatabaseTrouble.fatal(DatabaseTrouble.message(database.file(), trouble), trouble);
    }
  }

  private static void closeQuietly(Connection connection, SQLException reason) {
    try {
      connection.close();
    } catch (SQLException second) {
      reason.addSuppressed(second);
    }
  }

  // Nodes.

  /// Keeps a node, new or changed.
  public CompletableFuture<SavedNode> saveNode(SavedNode node) {
    return writer.change(NodeTable.save(node));
  }

  /// Changes a node as one step: `next` gets what is kept of it, if anything, and gives what is to
  /// be kept. For callers that each own a part of it, such as enrolment and the owner's label.
  /// `next` runs on the writing thread, perhaps twice: it must be a plain function.
  public CompletableFuture<SavedNode> changeNode(
      NodeId id, Function<Optional<SavedNode>, SavedNode> next) {
    return writer.change(NodeTable.change(id, next));
  }

  /// Forgets a node; tells whether there was one. Its backends stay.
  public CompletableFuture<Boolean> removeNode(NodeId id) {
    return writer.change(NodeTable.remove(id));
  }

  /// Every node, by name.
  public CompletableFuture<List<SavedNode>> nodes() {
    return reader.ask(NodeTable::all);
  }

  // Who may become a node, and who may not any more.

  /// Keeps an invitation.
  public CompletableFuture<SavedInvite> saveInvite(SavedInvite invite) {
    return writer.change(InviteTable.save(invite));
  }

  /// Forgets an invitation; tells whether there was one.
  public CompletableFuture<Boolean> removeInvite(String id) {
    return writer.change(InviteTable.remove(id));
  }

  /// Every invitation, the oldest first.
  public CompletableFuture<List<SavedInvite>> invites() {
    return reader.ask(InviteTable::all);
  }

  /// Keeps a node that joined and forgets the invitation it used, as one step.
  public CompletableFuture<SavedNode> joined(SavedNode node, Optional<String> invite) {
    return writer.change(InviteTable.join(node, invite));
  }

  /// Keeps that somebody's certificates are good for nothing any more.
  public CompletableFuture<SavedRevocation> revoke(SavedRevocation revocation) {
    return writer.change(InviteTable.revoke(revocation));
  }

  /// Forgets a revocation; tells whether there was one.
  public CompletableFuture<Boolean> forgetRevocation(String uuid) {
    return writer.change(InviteTable.forgetRevocation(uuid));
  }

  /// Every revocation, the oldest first.
  public CompletableFuture<List<SavedRevocation>> revocations() {
    return reader.ask(InviteTable::revocations);
  }

  // Backends and what they offered.

  /// Keeps a backend, new or changed. Facts that it does not have leave older ones as they are.
  public CompletableFuture<SavedBackend> saveBackend(SavedBackend backend) {
    return writer.change(BackendTable.save(backend));
  }

  /// Forgets a backend; tells whether there was one.
  public CompletableFuture<Boolean> removeBackend(BackendId id) {
    return writer.change(BackendTable.remove(id));
  }

  /// Every backend, in the order in which they came.
  public CompletableFuture<List<SavedBackend>> backends() {
    return reader.ask(BackendTable::all);
  }

  /// Remembers what a backend said of itself, if it is a saved one, and which models exist, in any
  /// case. Of several words of one backend only the newest is sure to be written.
  public void noteFacts(BackendId id, BackendFacts facts, Instant seenAt) {
    if (!writer.note(new BackendTable.Note(id, facts, seenAt))) {
      LOG.debug("facts were dropped backend={}", id);
    }
  }

  /// Every model that some backend ever offered, by name, at most {@link StoreLimits#modelsSeen}.
  public CompletableFuture<List<ModelName>> modelsSeen() {
    return reader.ask(BackendTable::models);
  }

  // Keys and meta.

  /// Keeps a key, or when one that is known expires, was revoked or used: nothing else of a key
  /// ever changes. Fails when another key has the same hash.
  public CompletableFuture<Key> saveKey(Key key) {
    return writer.change(KeyTable.save(key));
  }

  /// Ends a key; tells whether it was good until then.
  public CompletableFuture<Boolean> revokeKey(String id, Instant at) {
    return writer.change(KeyTable.revoke(id, at));
  }

  /// Forgets a key; tells whether there was one.
  public CompletableFuture<Boolean> forgetKey(String id) {
    return writer.change(KeyTable.forget(id));
  }

  /// Keeps when keys were used last.
  public CompletableFuture<Integer> keysUsed(Map<String, Instant> moments) {
    return writer.change(KeyTable.used(moments));
  }

  /// Every key, revoked ones too, the oldest first.
  public CompletableFuture<List<Key>> keys() {
    return reader.ask(KeyTable::all);
  }

  /// Adds to what somebody's tasks have cost in a month.
  ///
  /// @param month such as `2026-01`
  /// @param microEuro millionths of a euro
  public CompletableFuture<Boolean> spend(String month, String principal, long microEuro) {
    return writer.change(KeyTable.spend(month, principal, microEuro));
  }

  /// What each one's tasks have cost in a month, in millionths of a euro.
  public CompletableFuture<Map<String, Long>> spent(String month) {
    return reader.ask(connection -> KeyTable.spent(connection, month));
  }

  /// Keeps a single value, such as the hub's id, under a name.
  public CompletableFuture<String> putMeta(String name, String value) {
    return writer.change(KeyTable.putMeta(name, value));
  }

  /// The value kept under a name.
  public CompletableFuture<Optional<String>> meta(String name) {
    return reader.ask(connection -> KeyTable.meta(connection, name));
  }

  // Longer work.

  /// Tasks, batches and files that outlive the hub.
  public WorkStore work() {
    return work;
  }

  // Usage.

  /// Remembers one task. Never waits: when too many rows wait already, this one is dropped and
  /// counted in {@link StoreHealth#usageDropped}.
  public void recordUsage(UsageRow row) {
    writer.record(row);
  }

  /// What tasks that ended at `since` or later cost, grouped, those with the most tasks first, at
  /// most {@link StoreLimits#SUMMARY_GROUPS}.
  public CompletableFuture<List<UsageSummary>> usage(UsageSummary.By by, Instant since) {
    return reader.ask(connection -> UsageTable.summary(connection, by, since));
  }

  /// The newest `count` tasks, newest first; `count` is 1 to {@link StoreLimits#RECENT_ROWS}.
  public CompletableFuture<List<UsageRow>> recentUsage(int count) {
    if (count < 1 || count > StoreLimits.RECENT_ROWS) {
      throw new IllegalArgumentException(
          "count: " + count + " (expected: 1 to " + StoreLimits.RECENT_ROWS + ")");
    }
    return reader.ask(connection -> UsageTable.recent(connection, count));
  }

  // The store itself.

  /// How the store is doing now.
  public StoreHealth health() {
    return writer.health();
  }

  /// Answers what was asked, writes what waits, and ends; gives each of the two at most {@link
  /// StoreLimits#closeWait}. Blocks. What comes later is refused or dropped. Harmless when
  /// repeated.
  @Override
  public void close() {
    try {
      boolean readDone = reader.close(limits.closeWait());
      boolean writtenDone = writer.close(limits.closeWait());
      if (!readDone || !writtenDone) {
        LOG.warn("the store was not closed in time file={} wait={}", file, limits.closeWait());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
