package dev.tutti.worklist;

import dev.tutti.core.TaskId;
import dev.tutti.dialects.BatchLines;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Makes items of a batch's file, and a file of its items' answers. Blocks: on virtual threads.
final class BatchDesk {
  /// How many faults of one file are told.
  static final int MAX_FAULTS = 100;

  private static final int NEWLINE = '\n';

  private final WorkStore store;
  private final FileShelf shelf;

  BatchDesk(WorkStore store, FileShelf shelf) {
    this.store = store;
    this.shelf = shelf;
  }

  /// What became of a batch's file.
  sealed interface Reading {
    /// Every line is an item now.
    record Done() implements Reading {}

    /// It cannot be used.
    record Rejected(String errors) implements Reading {}

    /// The batch was cancelled meanwhile.
    record NotWanted() implements Reading {}
  }

  /// Reads a batch's file twice: once to find what is wrong with it, once to make items.
  Reading read(Batch batch, RandomGenerator ids) throws IOException {
    Path file = shelf.path(batch.inputFile());
    var checked = new Check(batch.endpoint());
    if (Files.isRegularFile(file)) {
      lines(file, checked);
    } else {
      checked.faults.add(
          new BatchLines.Fault("invalid_file", 0, "The input file is gone.", "input_file_id"));
    }
    if (checked.faults.isEmpty() && checked.customIds.isEmpty()) {
      checked.faults.add(
          new BatchLines.Fault("empty_file", 0, "The input file has no line.", "input_file_id"));
    }
    if (!checked.faults.isEmpty()) {
      return new Reading.Rejected(BatchLines.faults(checked.faults));
    }
    var keeping = new Keeping(batch, ids);
    lines(file, keeping);
    keeping.flush();
    return switch (keeping.added) {
      case YES -> new Reading.Done();
      case NOT_WANTED -> new Reading.NotWanted();
      case FULL ->
          new Reading.Rejected(
              BatchLines.faults(
                  List.of(
                      new BatchLines.Fault(
                          "token_limit_exceeded",
                          0,
                          "There is no room for so many requests at the moment.",
                          ""))));
    };
  }

  /// Hears of the lines of a file that are not blank.
  private interface LineListener {
    /// @return whether there is need for more
    boolean line(int number, byte[] line);
  }

  private static void lines(Path file, LineListener listener) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      var line = new ByteArrayOutputStream();
      int number = 0;
      for (int next = in.read(); ; next = in.read()) {
        if (next != NEWLINE && next >= 0) {
          // One byte too many is kept, so that a line that is too long shows as such.
          if (line.size() <= BatchLines.MAX_LINE_BYTES) {
            line.write(next);
          }
          continue;
        }
        number++;
        byte[] whole = line.toByteArray();
        line.reset();
        if (!isBlank(whole) && !listener.line(number, whole)) {
          return;
        }
        if (next < 0) {
          return;
        }
      }
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte each : line) {
      if (each != ' ' && each != '\t' && each != '\r') {
        return false;
      }
    }
    return true;
  }

  /// Looks for what is wrong.
  private static final class Check implements LineListener {
    private final String endpoint;
    private final List<BatchLines.Fault> faults = new ArrayList<>();
    private final Set<String> customIds = new HashSet<>();

    Check(String endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public boolean line(int number, byte[] line) {
      switch (BatchLines.read(line, number, endpoint)) {
        case BatchLines.Request request -> {
          if (!customIds.add(request.customId())) {
            faults.add(
                new BatchLines.Fault(
                    "duplicate_custom_id",
                    number,
                    "The custom_id of this line is that of a line before.",
                    "custom_id"));
          } else if (customIds.size() > WorkLimits.MAX_BATCH_LINES) {
            faults.add(
                new BatchLines.Fault(
                    "too_many_requests",
                    number,
                    "The input file has more than " + WorkLimits.MAX_BATCH_LINES + " lines.",
                    ""));
            return false;
          }
        }
        case BatchLines.Fault fault -> faults.add(fault);
      }
      return faults.size() < MAX_FAULTS;
    }
  }

  /// Hands items to the store, a bunch at a time.
  private final class Keeping implements LineListener {
    private final Batch batch;
    private final RandomGenerator ids;
    private final List<Item> bunch = new ArrayList<>();
    private int bunchBytes;
    private WorkStore.Added added = WorkStore.Added.YES;

    Keeping(Batch batch, RandomGenerator ids) {
      this.batch = batch;
      this.ids = ids;
    }

    @Override
    public boolean line(int number, byte[] line) {
      if (BatchLines.read(line, number, batch.endpoint()) instanceof BatchLines.Request request) {
        bunch.add(
            new Item(
                TaskId.random(ids),
                Optional.of(batch.id()),
                number,
                request.customId(),
                batch.principal(),
                batch.endpoint(),
                request.model(),
                batch.wishes(),
                request.body(),
                batch.times().createdAt(),
                batch.times().expiresAt()));
        bunchBytes += request.body().length;
      }
      if (bunch.size() >= WorkLimits.BUNCH || bunchBytes >= WorkLimits.BUNCH_BYTES) {
        flush();
      }
      return added == WorkStore.Added.YES;
    }

    void flush() {
      if (!bunch.isEmpty() && added == WorkStore.Added.YES) {
        added = store.add(batch.id(), List.copyOf(bunch)).join();
      }
      bunch.clear();
      bunchBytes = 0;
    }
  }

  /// The files that a batch leaves.
  ///
  /// @param output the good answers, if there are any
  /// @param errors the others, if there are any
  record Output(Optional<StoredFile> output, Optional<StoredFile> errors) {}

  /// Gathers the answers of a batch whose items have all ended. Done again it writes the same files
  /// again.
  Output write(Batch batch, Instant now) throws IOException {
    String key = batch.id().substring(batch.id().indexOf('_') + 1);
    return new Output(
        part(batch, "file-" + key + "o", "output", now, true),
        part(batch, "file-" + key + "e", "error", now, false));
  }

  private Optional<StoredFile> part(Batch batch, String id, String kind, Instant now, boolean good)
      throws IOException {
    var written = new int[1];
    long bytes = shelf.put(id, out -> written[0] = write(batch.id(), out, good));
    if (written[0] == 0) {
      shelf.remove(id);
      return Optional.empty();
    }
    return Optional.of(
        new StoredFile(
            id,
            batch.principal(),
            batch.id() + "_" + kind + ".jsonl",
            "batch_output",
            bytes,
            now,
            batch.outputsLive().map(now::plus)));
  }

  private int write(String batch, OutputStream out, boolean good) throws IOException {
    int written = 0;
    int after = 0;
    for (List<WorkStore.Line> lines = store.lines(batch, after, WorkLimits.BUNCH).join();
        !lines.isEmpty();
        lines = store.lines(batch, after, WorkLimits.BUNCH).join()) {
      for (WorkStore.Line line : lines) {
        after = line.line();
        if ((line.result().state() == ItemState.DONE) == good) {
          out.write(told(line));
          out.write(NEWLINE);
          written++;
        }
      }
    }
    return written;
  }

  private static byte[] told(WorkStore.Line line) {
    ItemResult result = line.result();
    String id = "batch_req_" + line.id().value().substring(2);
    return result.status().isPresent()
        ? BatchLines.answered(
            id, line.customId(), line.id().value(), result.status().getAsInt(), result.body())
        : BatchLines.unanswered(id, line.customId(), code(result.state()), why(result.state()));
  }

  private static String code(ItemState state) {
    return switch (state) {
      case EXPIRED -> "batch_expired";
      case CANCELLED -> "batch_cancelled";
      case QUEUED, RUNNING, DONE, FAILED -> "interrupted";
    };
  }

  private static String why(ItemState state) {
    return switch (state) {
      case EXPIRED -> "This request could not be executed before the completion window expired.";
      case CANCELLED -> "This request was not executed because the batch was cancelled.";
      case QUEUED, RUNNING, DONE, FAILED ->
          "This request was begun several times, and each time the hub ended before it did.";
    };
  }
}
