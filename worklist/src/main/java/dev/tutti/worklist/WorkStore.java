package dev.tutti.worklist;

import dev.tutti.core.TaskId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Keeps longer work. Any thread may call; nothing here waits for the disk.
///
/// The future of a change completes after the change has reached the disk, and fails with a {@link
/// dev.tutti.core.MeshException} when nothing has changed. Each change is one transaction. Futures
/// complete on a thread of their own.
public interface WorkStore {
  /// A life begins: what the last one had under way waits again, or has failed when it was begun
  /// `attempts` times; what was still being read is forgotten and is to be read anew. Claims of
  /// earlier lives are void from now on.
  CompletableFuture<Recovered> begin(int attempts, Instant now);

  /// What an earlier life left.
  ///
  /// @param epoch the number of the life that begins
  /// @param validating batches whose file is to be read
  /// @param ended batches whose items have all ended, and whose output is to be written
  /// @param interrupted how many items were under way
  record Recovered(long epoch, List<String> validating, List<String> ended, int interrupted) {
    /// Copies the lists.
    public Recovered {
      validating = List.copyOf(validating);
      ended = List.copyOf(ended);
    }
  }

  // ---- items

  /// Takes an item without a batch; false when there is no room.
  CompletableFuture<Boolean> add(Item item);

  /// Takes items of a batch that is being read; no when there is no room for them.
  CompletableFuture<Added> add(String batch, List<Item> items);

  /// What became of a batch's items.
  enum Added {
    /// They are kept.
    YES,
    /// There is no room for more.
    FULL,
    /// The batch is not being read any more.
    NOT_WANTED
  }

  /// Takes the next items that wait: higher priority first; then the first ones of each batch
  /// before the later ones of any, so that a long batch does not keep a short one from beginning.
  ///
  /// @param epoch this life
  /// @param most how many at the most
  /// @param without models that are not asked for now
  CompletableFuture<List<Claim>> claim(long epoch, int most, Set<String> without, Instant now);

  /// Records how a claimed item ended, unless the claim is void or it has ended already.
  CompletableFuture<Ended> finish(TaskId id, Claim.Fence fence, ItemResult result, Instant now);

  /// Puts a claimed item back, unless the claim is void or it has ended.
  ///
  /// @param counted whether the attempt counts
  CompletableFuture<Boolean> release(TaskId id, Claim.Fence fence, boolean counted);

  /// Ends an item that waits; leaves any other as it is.
  CompletableFuture<Cancelled> cancel(TaskId id, Instant now);

  /// What cancelling found.
  ///
  /// @param before the item's state before, empty when there is none
  /// @param batch the batch of which no item is open any more, if that is so now
  record Cancelled(Optional<ItemState> before, Optional<String> batch) {}

  /// What is known of an item; empty when there is none that the viewer may see.
  CompletableFuture<Optional<ItemView>> item(TaskId id, Viewer viewer);

  /// How an item ended; empty when it has not.
  CompletableFuture<Optional<ItemResult>> result(TaskId id);

  /// Items without a batch.
  ///
  /// @param state only those in that state, all when empty
  CompletableFuture<Page<ItemView>> items(Viewer viewer, Optional<ItemState> state, Page.Ask ask);

  /// What a change did to a batch.
  ///
  /// @param recorded whether the change was made
  /// @param batch the batch of which no item is open any more, if that is so now
  record Ended(boolean recorded, Optional<String> batch) {}

  // ---- batches

  /// Takes a batch; false when there is no room or its file is not there.
  CompletableFuture<Boolean> add(Batch batch);

  /// The batch's file was read: its items may run.
  ///
  /// @return false when it was cancelled meanwhile
  CompletableFuture<Ended> start(String batch, Instant now);

  /// The batch's file cannot be used; its items are forgotten.
  ///
  /// @param errors a JSON array
  CompletableFuture<Boolean> reject(String batch, String errors, Instant now);

  /// Cancels a batch: items that wait end now. Changes nothing when it has ended.
  CompletableFuture<Ended> cancelBatch(String batch, Instant now);

  /// Items of a batch that have ended, by line, after that line.
  CompletableFuture<List<Line>> lines(String batch, int afterLine, int most);

  /// One line of a batch's output.
  ///
  /// @param line where it was in the input
  /// @param id the item
  /// @param customId what the client calls it
  record Line(int line, TaskId id, String customId, ItemResult result) {}

  /// The batch's output is written: it ends, and its files are there, in one step.
  CompletableFuture<Boolean> finishBatch(
      String batch, Optional<StoredFile> output, Optional<StoredFile> errors, Instant now);

  /// A batch; empty when there is none that the viewer may see.
  CompletableFuture<Optional<Batch>> batch(String id, Viewer viewer);

  /// Batches.
  CompletableFuture<Page<Batch>> batches(Viewer viewer, Page.Ask ask);

  // ---- files

  /// Notes a file whose bytes are there; false when there is no room for it.
  CompletableFuture<Boolean> add(StoredFile file);

  /// A file; empty when there is none that the viewer may see.
  CompletableFuture<Optional<StoredFile>> file(String id, Viewer viewer);

  /// Files.
  ///
  /// @param purpose only those for that, all when empty
  CompletableFuture<Page<StoredFile>> files(Viewer viewer, String purpose, Page.Ask ask);

  /// Which of these files are known.
  CompletableFuture<Set<String>> knownFiles();

  /// Forgets a file, unless a batch is still to read it.
  CompletableFuture<Removed> removeFile(String id);

  /// What became of a file that was to be forgotten.
  enum Removed {
    /// It is.
    YES,
    /// There is none.
    UNKNOWN,
    /// A batch is still to read it.
    IN_USE
  }

  // ---- time

  /// Ends what waits and whose time has run out, a bunch at a time.
  CompletableFuture<Expired> expire(Instant now);

  /// What has expired.
  ///
  /// @param ended batches of which no item is open any more
  /// @param more whether there may be more
  record Expired(List<String> ended, boolean more) {
    /// Copies the list.
    public Expired {
      ended = List.copyOf(ended);
    }
  }

  /// Forgets what is kept no longer, a bunch at a time.
  ///
  /// @return files whose bytes can go
  CompletableFuture<List<String>> tidy(Instant now);
}
