package dev.tutti.bench.durable;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.store.SqliteStore;
import dev.tutti.store.StoreLimits;
import dev.tutti.store.StoreListener;
import dev.tutti.worklist.Batch;
import dev.tutti.worklist.FileShelf;
import dev.tutti.worklist.Item;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.StoredFile;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkList;
import dev.tutti.worklist.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One life of a hub's longer work, from its recovery to its death. The thread that lives it is the
/// owner loop, on simulated time; the store's threads are real.
final class Life {
  private static final Viewer ALL = new Viewer("", true);
  private static final Pattern CUSTOM_ID = Pattern.compile("\"custom_id\":\"([^\"]*)\"");

  /// Nothing on the loop for so long means that everybody waits for time to pass.
  private static final long IDLE_MILLIS = 2;

  /// Things that a client does in one life.
  private static final int DEEDS = 8;

  /// Turns of a life that is not killed, at the most.
  private static final int LAST_TURNS = 20_000;

  private static final WorkLimits LIMITS = new WorkLimits(6, 3, 5, Duration.ofMillis(100));

  private final World world;
  private final Path home;
  private final Path next;
  private final SplittableRandom random;
  private final SimulatedTime time = new SimulatedTime();
  private final LinkedBlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
  private int stepsLeft;
  private int deeds = DEEDS;
  private boolean recovered;
  private volatile boolean dead;

  Life(World world, Path home, Path next, int steps, SplittableRandom random) {
    this.world = world;
    this.home = home;
    this.next = next;
    this.stepsLeft = steps;
    this.random = random;
  }

  /// The writing thread dies of this.
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /// A thread that dies as it should says nothing.
  static void dyingIsSilent() {
    Thread.setDefaultUncaughtExceptionHandler((_, fault) -> {
      if (!(fault instanceof Killed)) {
        fault.printStackTrace();
      }
    });
  }

  private void step() {
    if (dead) {
      throw new Killed();
    }
    if (--stepsLeft == 0) {
      try {
        copy();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      dead = true;
      throw new Killed();
    }
  }

  /// What a dead process leaves: its files as they are. The index of the log is not among them,
  /// since it is memory that is made anew.
  private void copy() throws IOException {
    Files.createDirectories(next.resolve("files"));
    for (String name : List.of("tutti.db", "tutti.db-wal")) {
      if (Files.exists(home.resolve(name))) {
        Files.copy(home.resolve(name), next.resolve(name));
      }
    }
    Path files = home.resolve("files");
    if (Files.isDirectory(files)) {
      try (Stream<Path> all = Files.list(files)) {
        for (Path file : all.toList()) {
          try {
            Files.copy(file, next.resolve("files").resolve(String.valueOf(file.getFileName())));
          } catch (NoSuchFileException _) {
            // It was renamed or removed at this very moment.
          }
        }
      }
    }
  }

  private SqliteStore open() {
    if (!Files.exists(home.resolve("tutti.db"))) {
      // The tables are made before anybody is killed: their making is Flyway's affair.
      SqliteStore.open(home.resolve("tutti.db"), time).close();
    }
    return SqliteStore.open(
        home.resolve("tutti.db"), time, StoreLimits.DEFAULT, StoreListener.NONE, this::step);
  }

  private WorkList list(SqliteStore store, Executor offLoop) {
    return new WorkList(
        store.work(),
        new FileShelf(home.resolve("files")),
        this::work,
        time,
        loop::add,
        offLoop,
        random.split(),
        LIMITS);
  }

  /// Lives until it is killed.
  void live() throws InterruptedException {
    try (var offLoop = Executors.newVirtualThreadPerTaskExecutor();
        SqliteStore store = open()) {
      remember(store);
      WorkList list = list(store, action -> offLoop.execute(unlessDead(action)));
      var _ =
          list.recover()
              .thenAccept(left -> {
                list.begin(left);
                recovered = true;
              });
      while (!dead) {
        turn(list, true);
      }
    }
    world.tally.add("deaths", 1);
  }

  /// Lives until everything has ended, and looks at what came of it.
  void liveToTheEnd() throws InterruptedException, IOException {
    try (var offLoop = Executors.newVirtualThreadPerTaskExecutor();
        SqliteStore store = open()) {
      remember(store);
      WorkList list = list(store, offLoop);
      var _ =
          list.recover()
              .thenAccept(left -> {
                list.begin(left);
                recovered = true;
              });
      for (int i = 0; i < LAST_TURNS && !hasEnded(store); i++) {
        turn(list, false);
      }
      check(store);
    }
  }

  private Runnable unlessDead(Runnable action) {
    return () -> {
      if (!dead) {
        action.run();
      }
    };
  }

  private void turn(WorkList list, boolean busy) throws InterruptedException {
    Runnable action = loop.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    if (action != null) {
      action.run();
    } else if (busy && recovered && deeds > 0 && !dead) {
      deeds--;
      deed(list);
    } else if (!dead) {
      time.advanceToNext();
    }
  }

  // ---- the client

  private void deed(WorkList list) {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3, 4 -> submit(list);
      case 5, 6 -> batch(list);
      case 7 -> cancel(list);
      default -> fetch(list);
    }
  }

  private void submit(WorkList list) {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    var ask =
        new WorkList.Ask(
            "/v1/chat/completions",
            "m" + random.nextInt(2),
            Wishes.NONE,
            Duration.ofHours(1),
            body);
    var _ =
        list.submit("", ask)
            .thenAccept(view -> {
              if (!dead) {
                world.tasks.add(view.id());
                world.tally.add("tasks acknowledged", 1);
              }
            });
  }

  private void batch(WorkList list) {
    var ids = new LinkedHashSet<String>();
    var lines = new StringBuilder();
    int count = 2 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      ids.add("c" + i);
      lines.append("{\"custom_id\":\"c").append(i);
      lines.append("\",\"method\":\"POST\",\"url\":\"/v1/completions\",");
      lines.append("\"body\":{\"model\":\"m0\",\"prompt\":\"x\"}}\n");
    }
    byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
    var _ =
        list.upload("", "in.jsonl", "batch", Optional.empty(), content)
            .thenCompose((StoredFile file) ->
                list.submit(ALL, "/v1/completions", file.id(), "", Wishes.NONE, Optional.empty()))
            .thenAccept((Batch batch) -> {
              if (!dead) {
                world.batches.put(batch.id(), ids);
                world.tally.add("batches acknowledged", 1);
                world.tally.add("requests in them", ids.size());
              }
            });
  }

  private void cancel(WorkList list) {
    any()
        .ifPresent(id -> {
          var _ = list.cancel(id, ALL);
        });
    if (!world.batches.isEmpty() && random.nextInt(4) == 0) {
      var _ = list.cancelBatch(world.batches.keySet().iterator().next(), ALL);
    }
  }

  private void fetch(WorkList list) {
    any()
        .ifPresent(id -> {
          var _ =
              list.result(id)
                  .thenAccept(result -> {
                    if (!dead) {
                      result.ifPresent(each -> world.sees(id, told(each)));
                    }
                  });
        });
  }

  private Optional<TaskId> any() {
    List<TaskId> all = List.copyOf(world.tasks);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }

  private static String told(ItemResult result) {
    return result.state() + " " + new String(result.body(), StandardCharsets.UTF_8);
  }

  // ---- the engines

  private Worker.Hold work(Item item, Worker.Progress progress) {
    if (dead) {
      return () -> {};
    }
    String answer = world.begins(item.id());
    var cancelled = new boolean[1];
    int kind = random.nextInt(20);
    time.after(
        Duration.ofMillis(1 + random.nextInt(50)),
        () -> {
          if (!cancelled[0] && !dead) {
            if (kind > 2) {
              progress.started();
            }
            time.after(
                Duration.ofMillis(1 + random.nextInt(200)),
                () -> {
                  if (!cancelled[0] && !dead) {
                    progress.ended(ending(kind, answer));
                  }
                });
          }
        });
    return () -> cancelled[0] = true;
  }

  private Worker.Ending ending(int kind, String answer) {
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    if (kind <= 2) {
      return failed(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, body);
    }
    if (kind == 3) {
      return failed(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, body);
    }
    world.answers.add(answer);
    return kind == 4
        ? failed(FailureCode.INVALID_REQUEST, Retry.POINTLESS, body)
        : new Worker.Ending.Answered("application/json", body);
  }

  private static Worker.Ending failed(FailureCode code, Retry retry, byte[] body) {
    return new Worker.Ending.Failed(
        Failure.of(code, retry, "as simulated"), code.httpStatus(), "application/json", body);
  }

  // ---- the checks

  /// What is recorded now is never worked on again.
  private void remember(SqliteStore store) {
    for (ItemView view : tasks(store)) {
      if (view.state().isEnd()) {
        world.recorded.add(view.id());
      }
    }
    for (Batch batch : batches(store)) {
      for (var line : store.work().lines(batch.id(), 0, 1_000).join()) {
        world.recorded.add(line.id());
      }
    }
  }

  private static List<ItemView> tasks(SqliteStore store) {
    return store
        .work()
        .items(ALL, Optional.empty(), new Page.Ask("", 10_000, false))
        .join()
        .entries();
  }

  private static List<Batch> batches(SqliteStore store) {
    return store.work().batches(ALL, new Page.Ask("", 10_000, false)).join().entries();
  }

  private static boolean hasEnded(SqliteStore store) {
    return tasks(store).stream().allMatch(task -> task.state().isEnd())
        && batches(store).stream().allMatch(batch -> batch.state().isEnd());
  }

  private void check(SqliteStore store) throws IOException {
    for (TaskId id : world.tasks) {
      Optional<ItemView> view = store.work().item(id, ALL).join();
      if (view.isEmpty()) {
        world.tally.fault(World.LOST, id.value());
        continue;
      }
      Optional<ItemResult> result = store.work().result(id).join();
      if (result.isEmpty()) {
        world.tally.fault(World.OPEN, id.value());
        continue;
      }
      world.sees(id, told(result.get()));
      world.tally.add("results", 1);
      boolean answered =
          result.get().status().isPresent()
              && result.get().state() == ItemState.DONE
              && !world.answers.contains(new String(result.get().body(), StandardCharsets.UTF_8));
      if (answered) {
        world.tally.fault(World.UNKNOWN, id.value());
      }
    }
    for (String id : world.batches.keySet()) {
      Optional<Batch> batch = store.work().batch(id, ALL).join();
      if (batch.isEmpty()) {
        world.tally.fault(World.LOST, id);
      } else if (!batch.get().state().isEnd()) {
        world.tally.fault(World.OPEN, id + " " + batch.get());
      } else {
        output(batch.get());
      }
    }
  }

  private void output(Batch batch) throws IOException {
    var shelf = new FileShelf(home.resolve("files"));
    var ids = new ArrayList<String>();
    for (Optional<String> file : List.of(batch.files().output(), batch.files().errors())) {
      if (file.isPresent()) {
        for (String line : Files.readAllLines(shelf.path(file.get()))) {
          Matcher id = CUSTOM_ID.matcher(line);
          ids.add(id.find() ? id.group(1) : line);
        }
      }
    }
    boolean cancelledEarly = batch.counts().total() == 0 && ids.isEmpty();
    if (cancelledEarly) {
      world.tally.add("batches cancelled before their file was read", 1);
    } else {
      world.output(batch.id(), ids);
    }
  }
}
