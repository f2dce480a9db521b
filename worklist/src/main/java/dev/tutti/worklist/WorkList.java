package dev.tutti.worklist;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All longer work of one hub. Owner loop only; what it gives completes on that loop, and fails
/// with a {@link MeshException}.
///
/// Nobody is told that something was taken before it has reached the disk.
public final class WorkList {
  private static final Logger LOG = LoggerFactory.getLogger(WorkList.class);

  private final WorkStore store;
  private final FileShelf shelf;
  private final Time time;
  private final Executor loop;
  private final Executor offLoop;
  private final RandomGenerator random;
  private final WorkLimits limits;
  private final Runner runner;
  private final BatchDesk desk;
  private final Map<TaskId, List<Runnable>> watchers = new HashMap<>();

  /// Batches whose file is being read, or whose output is being written.
  private final Set<String> atDesk = new HashSet<>();

  private int watching;
  private boolean stopped;

  /// A list that has not begun; see {@link #recover}.
  ///
  /// @param loop runs on the owner's loop
  /// @param offLoop runs what blocks
  public WorkList(
      WorkStore store,
      FileShelf shelf,
      Worker worker,
      Time time,
      Executor loop,
      Executor offLoop,
      RandomGenerator random,
      WorkLimits limits) {
    this.store = store;
    this.shelf = shelf;
    this.time = time;
    this.loop = loop;
    this.offLoop = offLoop;
    this.random = random;
    this.limits = limits;
    this.desk = new BatchDesk(store, shelf);
    this.runner =
        new Runner(
            store,
            worker,
            time,
            loop,
            random,
            limits,
            new Runner.Heard() {
              @Override
              public void changed(TaskId id) {
                told(id);
              }

              @Override
              public void ended(String batch) {
                write(batch);
              }
            });
  }

  // ---- life

  /// Puts in order what an earlier life left. To be done before anybody may ask for anything: files
  /// that nobody knows are removed.
  public CompletableFuture<WorkStore.Recovered> recover() {
    return onLoop(store.begin(limits.attempts(), time.now()))
        .thenCompose(left ->
            onLoop(store.knownFiles().thenApplyAsync(this::keepOnly, offLoop))
                .thenApply(_ -> left));
  }

  /// Begins with what {@link #recover} found, and with whatever comes.
  public void begin(WorkStore.Recovered left) {
    if (left.interrupted() > 0) {
      LOG.info("Longer work was interrupted. items={}", left.interrupted());
    }
    left.validating().forEach(this::read);
    left.ended().forEach(this::write);
    runner.begin(left.epoch());
    tidy();
  }

  /// Begins nothing more and puts back what is under way, so that the next life begins with it.
  public CompletableFuture<Void> stop() {
    stopped = true;
    return runner.stop();
  }

  /// How many items are under way.
  public int underWay() {
    return runner.underWay();
  }

  private boolean keepOnly(Set<String> known) {
    try {
      shelf.keepOnly(known);
      return true;
    } catch (IOException e) {
      LOG.warn("Files that nobody knows cannot be removed. cause={}", e.getMessage());
      return false;
    }
  }

  private void tidy() {
    if (stopped) {
      return;
    }
    runner.tidy();
    expire();
    var _ = store.tidy(time.now()).thenAcceptAsync(files -> files.forEach(this::drop), offLoop);
    time.after(WorkLimits.TIDY_EVERY, this::tidy);
  }

  private void expire() {
    var _ =
        onLoop(store.expire(time.now()))
            .thenAccept(expired -> {
              expired.ended().forEach(this::write);
              if (expired.more() && !stopped) {
                expire();
              }
              List.copyOf(watchers.keySet()).forEach(this::told);
            });
  }

  private void drop(String file) {
    try {
      shelf.remove(file);
    } catch (IOException e) {
      LOG.warn("A file cannot be removed. file={} cause={}", file, e.getMessage());
    }
  }

  // ---- items

  /// A task as its client asks for it.
  ///
  /// @param ttl how long it may take altogether
  /// @param body not a copy, not to be changed
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the store, never compared
  public record Ask(String endpoint, String model, Wishes wishes, Duration ttl, byte[] body) {}

  /// Takes a task.
  public CompletableFuture<ItemView> submit(String principal, Ask ask) {
    Instant now = time.now();
    var item =
        new Item(
            TaskId.random(random),
            Optional.empty(),
            0,
            "",
            principal,
            ask.endpoint(),
            ask.model(),
            ask.wishes(),
            ask.body(),
            now,
            now.plus(ask.ttl()));
    return onLoop(store.add(item))
        .thenCompose(kept -> {
          if (!kept) {
            throw full("tasks");
          }
          runner.look();
          return onLoop(store.item(item.id(), new Viewer(principal, true)));
        })
        .thenApply(view -> view.orElseThrow(() -> unknown("task")));
  }

  /// What is known of a task, or of an item of a batch.
  public CompletableFuture<Optional<ItemView>> item(TaskId id, Viewer viewer) {
    return onLoop(store.item(id, viewer));
  }

  /// How an item ended; ask only for one that the viewer may see.
  public CompletableFuture<Optional<ItemResult>> result(TaskId id) {
    return onLoop(store.result(id));
  }

  /// Tasks without a batch.
  public CompletableFuture<Page<ItemView>> items(
      Viewer viewer, Optional<ItemState> state, Page.Ask ask) {
    return onLoop(store.items(viewer, state, ask));
  }

  /// Ends an item, waiting or under way; one that has ended stays as it is.
  ///
  /// @return how it is then
  public CompletableFuture<ItemView> cancel(TaskId id, Viewer viewer) {
    return known(id, viewer)
        .thenCompose(view -> {
          if (view.state().isEnd()) {
            return CompletableFuture.completedFuture(view);
          }
          return end(id).thenCompose(_ -> known(id, viewer));
        });
  }

  private CompletableFuture<ItemView> known(TaskId id, Viewer viewer) {
    return onLoop(store.item(id, viewer))
        .thenApply(view -> view.orElseThrow(() -> unknown("task")));
  }

  private CompletableFuture<Boolean> end(TaskId id) {
    Optional<CompletableFuture<Boolean>> underWay = runner.cancel(id);
    if (underWay.isPresent()) {
      return underWay.get();
    }
    return onLoop(store.cancel(id, time.now()))
        .thenCompose(cancelled -> {
          told(id);
          cancelled.batch().ifPresent(this::write);
          return cancelled.before().filter(ItemState.RUNNING::equals).isPresent()
              ? runner.cancel(id).orElse(CompletableFuture.completedFuture(true))
              : CompletableFuture.completedFuture(true);
        });
  }

  /// Runs `changed` whenever an item may have changed, until the watch is ended.
  ///
  /// @return ends the watch; empty when too many watch
  public Optional<Runnable> watch(TaskId id, Runnable changed) {
    if (watching >= WorkLimits.MAX_WATCHERS) {
      return Optional.empty();
    }
    watching++;
    watchers.computeIfAbsent(id, _ -> new ArrayList<>()).add(changed);
    return Optional.of(() -> {
      List<Runnable> of = watchers.get(id);
      if (of != null && of.remove(changed)) {
        watching--;
        if (of.isEmpty()) {
          watchers.remove(id);
        }
      }
    });
  }

  private void told(TaskId id) {
    List<Runnable> of = watchers.get(id);
    if (of != null) {
      List.copyOf(of).forEach(Runnable::run);
    }
  }

  // ---- batches

  /// Takes a batch and begins to read its file.
  ///
  /// @param metadata a JSON object, or empty
  /// @param outputsLive how long its output files stay, if not for ever
  public CompletableFuture<Batch> submit(
      Viewer viewer,
      String endpoint,
      String inputFile,
      String metadata,
      Wishes wishes,
      Optional<Duration> outputsLive) {
    String id = "batch_" + name();
    return onLoop(store.file(inputFile, viewer))
        .thenCompose(file -> {
          StoredFile input = file.orElseThrow(() -> unknown("file"));
          if (!input.purpose().equals("batch")) {
            throw MeshException.invalid(
                "input_file_id: a file for " + input.purpose() + " (expected: one for batch)");
          }
          var batch =
              Batch.fresh(
                  id,
                  viewer.principal(),
                  endpoint,
                  inputFile,
                  metadata,
                  wishes,
                  outputsLive,
                  time.now());
          return onLoop(store.add(batch))
              .thenApply(kept -> {
                if (!kept) {
                  throw full("batches");
                }
                read(id);
                return batch;
              });
        });
  }

  /// A batch.
  public CompletableFuture<Batch> batch(String id, Viewer viewer) {
    return onLoop(store.batch(id, viewer))
        .thenApply(batch -> batch.orElseThrow(() -> unknown("batch")));
  }

  /// Batches.
  public CompletableFuture<Page<Batch>> batches(Viewer viewer, Page.Ask ask) {
    return onLoop(store.batches(viewer, ask));
  }

  /// Cancels a batch, items under way included; one that has ended stays as it is.
  ///
  /// @return how it is then
  public CompletableFuture<Batch> cancelBatch(String id, Viewer viewer) {
    return batch(id, viewer)
        .thenCompose(_ -> {
          runner.cancelling(id);
          return onLoop(store.cancelBatch(id, time.now()));
        })
        .thenCompose(ended -> {
          if (ended.recorded()) {
            runner.cancelBatch(id);
            List.copyOf(watchers.keySet()).forEach(this::told);
          }
          return batch(id, viewer)
              .thenApply(batch -> {
                // Afterwards, so that the one who cancels sees it being cancelled.
                ended.batch().ifPresent(this::write);
                return batch;
              });
        });
  }

  private void read(String id) {
    atDesk(
        id,
        batch -> {
          if (batch.state() != BatchState.VALIDATING) {
            return Optional::empty;
          }
          BatchDesk.Reading reading = desk.read(batch, new SplittableRandom(random.nextLong()));
          return () ->
              switch (reading) {
                case BatchDesk.Reading.Done() -> {
                  Optional<String> ended = store.start(id, time.now()).join().batch();
                  loop.execute(runner::look);
                  yield ended;
                }
                case BatchDesk.Reading.Rejected(String errors) -> {
                  store.reject(id, errors, time.now()).join();
                  yield Optional.empty();
                }
                case BatchDesk.Reading.NotWanted() -> Optional.empty();
              };
        });
  }

  private void write(String id) {
    atDesk(
        id,
        batch -> {
          if (batch.state().isEnd()) {
            return Optional::empty;
          }
          BatchDesk.Output output = desk.write(batch, time.now());
          return () -> {
            store.finishBatch(id, output.output(), output.errors(), time.now()).join();
            return Optional.empty();
          };
        });
  }

  /// What is done with a batch's files. Blocks.
  @FunctionalInterface
  private interface DeskWork {
    /// @return what is to be told to the store then; that gives the batch when its output can be
    ///   written at once
    Supplier<Optional<String>> of(Batch batch) throws IOException;
  }

  /// Works on a batch's files, one work at a time for each; again later when the disk fails.
  private void atDesk(String id, DeskWork work) {
    if (stopped) {
      return;
    }
    if (!atDesk.add(id)) {
      time.after(limits.retry(), () -> atDesk(id, work));
      return;
    }
    var _ =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    Optional<Batch> batch = store.batch(id, new Viewer("", true)).join();
                    return batch.isEmpty() ? Optional.<String>empty() : work.of(batch.get()).get();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                },
                offLoop)
            .whenCompleteAsync(
                (ended, fault) -> {
                  atDesk.remove(id);
                  if (fault != null) {
                    LOG.warn("A batch has to wait. batch={} cause={}", id, fault.getMessage());
                    time.after(WorkLimits.TIDY_EVERY, () -> atDesk(id, work));
                  } else if (ended != null) {
                    ended.ifPresent(this::write);
                  }
                },
                loop);
  }

  // ---- files

  /// Keeps a file.
  ///
  /// @param content not a copy, not to be changed
  public CompletableFuture<StoredFile> upload(
      String principal, String name, String purpose, Optional<Duration> lives, byte[] content) {
    Instant now = time.now();
    var file =
        new StoredFile(
            "file-" + name(),
            principal,
            name,
            purpose,
            content.length,
            now,
            lives
                .or(() ->
                    purpose.equals("batch")
                        ? Optional.of(WorkLimits.BATCH_FILES_LIVE)
                        : Optional.empty())
                .map(now::plus));
    return onLoop(
            CompletableFuture.supplyAsync(
                    () -> {
                      try {
                        return shelf.put(file.id(), out -> out.write(content));
                      } catch (IOException e) {
                        throw new MeshException(
                            Failure.of(
                                FailureCode.INTERNAL,
                                Retry.SAFE_NOT_STARTED,
                                "the file cannot be written"),
                            e);
                      }
                    },
                    offLoop)
                .thenCompose(_ -> store.add(file)))
        .thenApply(kept -> {
          if (!kept) {
            offLoop.execute(() -> drop(file.id()));
            throw full("files");
          }
          return file;
        });
  }

  /// A file.
  public CompletableFuture<StoredFile> file(String id, Viewer viewer) {
    return onLoop(store.file(id, viewer))
        .thenApply(file -> file.orElseThrow(() -> unknown("file")));
  }

  /// Where a file's bytes are.
  public Path content(StoredFile file) {
    return shelf.path(file.id());
  }

  /// Files.
  public CompletableFuture<Page<StoredFile>> files(Viewer viewer, String purpose, Page.Ask ask) {
    return onLoop(store.files(viewer, purpose, ask));
  }

  /// Forgets a file.
  public CompletableFuture<StoredFile> removeFile(String id, Viewer viewer) {
    return file(id, viewer)
        .thenCompose(file ->
            onLoop(store.removeFile(id))
                .thenApply(removed ->
                    switch (removed) {
                      case YES -> {
                        offLoop.execute(() -> drop(id));
                        yield file;
                      }
                      case UNKNOWN -> throw unknown("file");
                      case IN_USE ->
                          throw MeshException.invalid(
                              "file: a batch is still to read it (expected: one that no batch"
                                  + " waits for)");
                    }));
  }

  // ---- words

  private String name() {
    return TaskId.random(random).value().substring(2);
  }

  /// Completes on the loop, with the failure itself.
  private <T> CompletableFuture<T> onLoop(CompletableFuture<T> future) {
    var told = new CompletableFuture<T>();
    var _ =
        future.whenCompleteAsync(
            (value, fault) -> {
              if (fault != null) {
                told.completeExceptionally(cause(fault));
              } else {
                told.complete(value);
              }
            },
            loop);
    return told;
  }

  private static Throwable cause(Throwable fault) {
    @Nullable Throwable inner = fault.getCause();
    return fault instanceof java.util.concurrent.CompletionException && inner != null
        ? inner
        : fault;
  }

  private static MeshException full(String what) {
    return new MeshException(
        Failure.of(
                FailureCode.BUSY,
                Retry.SAFE_NOT_STARTED,
                "no room for more " + what + " (expected: fewer of them, or of their bytes)")
            .retryAfter(WorkLimits.RETRY_MOST));
  }

  private static MeshException unknown(String what) {
    return new MeshException(
        Failure.of(FailureCode.NOT_FOUND, Retry.POINTLESS, "there is no such " + what));
  }
}
