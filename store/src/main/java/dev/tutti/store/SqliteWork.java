package dev.tutti.store;

import dev.tutti.core.TaskId;
import dev.tutti.worklist.Batch;
import dev.tutti.worklist.BatchState;
import dev.tutti.worklist.Claim;
import dev.tutti.worklist.Item;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.StoredFile;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Longer work in SQLite. Every method here is one transaction, so that what belongs together — a
/// result, the item's state and the batch's counts — is there together or not at all.
final class SqliteWork implements WorkStore {
  private static final String EPOCH = "work-epoch";

  private final Writer writer;
  private final Reader reader;

  SqliteWork(Writer writer, Reader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public CompletableFuture<Recovered> begin(int attempts, Instant now) {
    return writer.change(connection -> {
      long epoch = KeyTable.meta(connection, EPOCH).map(Long::parseLong).orElse(0L) + 1;
      KeyTable.putMeta(EPOCH, Long.toString(epoch)).apply(connection);
      int interrupted = ItemTable.interrupted(connection, epoch, attempts, now);
      List<String> validating = BatchTable.validating(connection);
      for (String batch : validating) {
        ItemTable.forget(connection, batch);
      }
      return new Recovered(epoch, validating, BatchTable.withoutOpenItems(connection), interrupted);
    });
  }

  // ---- items

  @Override
  public CompletableFuture<Boolean> add(Item item) {
    List<Item> one = List.of(item);
    return writer.change(connection -> {
      if (!ItemTable.hasRoom(connection, one)) {
        return false;
      }
      ItemTable.add(connection, one);
      return true;
    });
  }

  @Override
  public CompletableFuture<Added> add(String batch, List<Item> items) {
    return writer.change(connection -> {
      if (!BatchTable.isIn(connection, batch, BatchState.VALIDATING)) {
        return Added.NOT_WANTED;
      }
      if (!ItemTable.hasRoom(connection, items)) {
        return Added.FULL;
      }
      ItemTable.add(connection, items);
      return Added.YES;
    });
  }

  @Override
  public CompletableFuture<List<Claim>> claim(
      long epoch, int most, Set<String> without, Instant now) {
    return writer.change(connection -> ItemTable.claim(connection, epoch, most, without, now));
  }

  @Override
  public CompletableFuture<Ended> finish(
      TaskId id, Claim.Fence fence, ItemResult result, Instant now) {
    return writer.change(connection -> {
      if (!ItemTable.finish(connection, id, fence, result, now)) {
        return new Ended(false, Optional.empty());
      }
      boolean good = result.state() == ItemState.DONE;
      return new Ended(
          true,
          BatchTable.ended(
              connection,
              ItemTable.batchOf(connection, id).orElse(""),
              good ? 1 : 0,
              good ? 0 : 1,
              now));
    });
  }

  @Override
  public CompletableFuture<Boolean> release(TaskId id, Claim.Fence fence, boolean counted) {
    return writer.change(connection -> ItemTable.release(connection, id, fence, counted));
  }

  @Override
  public CompletableFuture<Cancelled> cancel(TaskId id, Instant now) {
    return writer.change(connection -> {
      Optional<ItemState> before = ItemTable.state(connection, id);
      if (before.filter(ItemState.QUEUED::equals).isEmpty()) {
        return new Cancelled(before, Optional.empty());
      }
      ItemTable.cancel(connection, id, now);
      String batch = ItemTable.batchOf(connection, id).orElse("");
      return new Cancelled(before, BatchTable.ended(connection, batch, 0, 1, now));
    });
  }

  @Override
  public CompletableFuture<Optional<ItemView>> item(TaskId id, Viewer viewer) {
    return reader.ask(connection -> ItemTable.view(connection, id, viewer));
  }

  @Override
  public CompletableFuture<Optional<ItemResult>> result(TaskId id) {
    return reader.ask(connection -> ItemTable.result(connection, id));
  }

  @Override
  public CompletableFuture<Page<ItemView>> items(
      Viewer viewer, Optional<ItemState> state, Page.Ask ask) {
    return reader.ask(connection -> ItemTable.page(connection, viewer, state, ask));
  }

  // ---- batches

  @Override
  public CompletableFuture<Boolean> add(Batch batch) {
    return writer.change(connection -> BatchTable.add(connection, batch));
  }

  @Override
  public CompletableFuture<Ended> start(String batch, Instant now) {
    return writer.change(connection ->
        BatchTable.start(connection, batch, now)
            ? new Ended(true, BatchTable.ended(connection, batch, 0, 0, now))
            : new Ended(false, Optional.empty()));
  }

  @Override
  public CompletableFuture<Boolean> reject(String batch, String errors, Instant now) {
    return writer.change(connection -> {
      boolean rejected = BatchTable.reject(connection, batch, errors, now);
      if (rejected) {
        ItemTable.forget(connection, batch);
      }
      return rejected;
    });
  }

  @Override
  public CompletableFuture<Ended> cancelBatch(String batch, Instant now) {
    return writer.change(connection -> {
      if (!BatchTable.cancel(connection, batch, now)) {
        return new Ended(false, Optional.empty());
      }
      int cancelled = ItemTable.cancelWaiting(connection, batch, now);
      return new Ended(true, BatchTable.ended(connection, batch, 0, cancelled, now));
    });
  }

  @Override
  public CompletableFuture<List<Line>> lines(String batch, int afterLine, int most) {
    return reader.ask(connection -> ItemTable.lines(connection, batch, afterLine, most));
  }

  @Override
  public CompletableFuture<Boolean> finishBatch(
      String batch, Optional<StoredFile> output, Optional<StoredFile> errors, Instant now) {
    return writer.change(connection -> {
      boolean finished =
          BatchTable.finish(
              connection, batch, output.map(StoredFile::id), errors.map(StoredFile::id), now);
      if (finished) {
        // What was worked for is kept even when there is no room for more.
        for (StoredFile file : bothOf(output, errors)) {
          FileTable.add(connection, file);
        }
      }
      return finished;
    });
  }

  private static List<StoredFile> bothOf(Optional<StoredFile> one, Optional<StoredFile> other) {
    var both = new ArrayList<StoredFile>();
    one.ifPresent(both::add);
    other.ifPresent(both::add);
    return both;
  }

  @Override
  public CompletableFuture<Optional<Batch>> batch(String id, Viewer viewer) {
    return reader.ask(connection -> BatchTable.batch(connection, id, viewer));
  }

  @Override
  public CompletableFuture<Page<Batch>> batches(Viewer viewer, Page.Ask ask) {
    return reader.ask(connection -> BatchTable.page(connection, viewer, ask));
  }

  // ---- files

  @Override
  public CompletableFuture<Boolean> add(StoredFile file) {
    return writer.change(connection -> {
      if (!FileTable.hasRoom(connection, file)) {
        return false;
      }
      FileTable.add(connection, file);
      return true;
    });
  }

  @Override
  public CompletableFuture<Optional<StoredFile>> file(String id, Viewer viewer) {
    return reader.ask(connection -> FileTable.file(connection, id, viewer));
  }

  @Override
  public CompletableFuture<Page<StoredFile>> files(Viewer viewer, String purpose, Page.Ask ask) {
    return reader.ask(connection -> FileTable.page(connection, viewer, purpose, ask));
  }

  @Override
  public CompletableFuture<Set<String>> knownFiles() {
    return reader.ask(FileTable::known);
  }

  @Override
  public CompletableFuture<Removed> removeFile(String id) {
    return writer.change(connection -> FileTable.remove(connection, id));
  }

  // ---- time

  @Override
  public CompletableFuture<Expired> expire(Instant now) {
    return writer.change(connection -> expire(connection, now));
  }

  private static Expired expire(Connection connection, Instant now) throws SQLException {
    BatchTable.late(connection, now);
    List<String> late = ItemTable.expire(connection, now);
    var ended = new LinkedHashSet<String>();
    for (String batch : late) {
      BatchTable.ended(connection, batch, 0, 1, now).ifPresent(ended::add);
    }
    return new Expired(List.copyOf(ended), late.size() >= WorkLimits.BUNCH);
  }

  @Override
  public CompletableFuture<List<String>> tidy(Instant now) {
    return writer.change(connection -> {
      ItemTable.tidy(connection, now);
      BatchTable.tidy(connection, now);
      return FileTable.expire(connection, now);
    });
  }
}
