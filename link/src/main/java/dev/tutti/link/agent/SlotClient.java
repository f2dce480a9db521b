package dev.tutti.link.agent;

import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.PingWatch;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.grpc.client.GrpcClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds exactly as many streams open as the offered engines have slots, all on one connection.
/// Owner loop.
final class SlotClient {
  private static final Logger log = LoggerFactory.getLogger(SlotClient.class);

  /// A ping this late, when the pulse had to be made anew, means that this connection is as dead as
  /// the old pulse was.
  private static final Duration LATE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Dialler dialler;
  private final Time time;
  private final Backoff backoff;
  private final HttpClientAgent http;
  private final BodyBudget budget = new BodyBudget();
  private final AtWork atWork;
  private final Map<String, Desk> desks = new HashMap<>();
  private final Set<Line> leaving = new LinkedHashSet<>();
  private @Nullable Line line;
  private @Nullable Line next;
  private boolean hubAnswers;
  private boolean closed;

  SlotClient(Vertx vertx, Dialler dialler, Time time, RandomGenerator random, AtWork atWork) {
    this.atWork = atWork;
    this.vertx = vertx;
    this.dialler = dialler;
    this.time = time;
    this.backoff = new Backoff(random);
    this.http = vertx.createHttpClient(Connections.client());
  }

  /// One engine's slots.
  private final class Desk implements AgentSlot.Keeper {
    private final String name;
    private @Nullable LocalBackend backend;
    private final Set<AgentSlot> slots = new LinkedHashSet<>();

    Desk(String name) {
      this.name = name;
    }

    private int wanted() {
      return backend == null ? 0 : backend.slots();
    }

    private void fill(Line on, GrpcClient client) {
      int surplus = slots.size() - wanted();
      for (AgentSlot slot : List.copyOf(slots)) {
        if (surplus > 0 && slot.withdraw()) {
          surplus--;
        }
      }
      LocalBackend offered = backend;
      while (offered != null && slots.size() < wanted()) {
        var slot = new AgentSlot(name, offered, time, budget, atWork, this);
        slots.add(slot);
        on.slots.add(slot);
        slot.open(client);
      }
    }

    @Override
    public void over(AgentSlot slot) {
      slots.remove(slot);
      Line now = line;
      if (now != null) {
        now.slots.remove(slot);
      }
      List.copyOf(leaving).forEach(old -> old.left(slot));
      if (slots.isEmpty() && backend == null) {
        desks.remove(name, this);
      }
      keepFull();
    }
  }

  /// One connection.
  private final class Line {
    private final Set<AgentSlot> slots = new LinkedHashSet<>();
    private @Nullable HttpClientConnection connection;
    private @Nullable GrpcClient client;
    private @Nullable PingWatch watch;
    private boolean over;

    void dial() {
      http.connect(dialler.options())
          .onFailure(_ -> lost("unreachable"))
          .onSuccess(this::connected);
    }

    private void connected(HttpClientConnection made) {
      connection = made;
      if (over) {
        made.close();
        return;
      }
      Connections.holdWhatWindowsAllow(made);
      client = GrpcClient.client(vertx, made);
      watch =
          new PingWatch(
              made,
              time,
              SlotClient.this::quiet,
              LinkLimits.SILENCE,
              () -> lost("silent"),
              () -> {});
      look();
      made.exceptionHandler(cause -> log.debug("Connection failed. hub={}", dialler.hub(), cause));
      made.closeHandler(_ -> lost("closed"));
      if (next == this) {
        takeOver();
      }
      keepFull();
    }

    private void takeOver() {
      Line before = line;
      line = this;
      next = null;
      if (before != null) {
        before.leave();
      }
    }

    /// What is free goes; what runs may finish, and then the connection goes.
    private void leave() {
      leaving.add(this);
      List.copyOf(slots).forEach(AgentSlot::withdraw);
      closeIfEmpty();
    }

    private void left(AgentSlot slot) {
      slots.remove(slot);
      closeIfEmpty();
    }

    private void closeIfEmpty() {
      if (slots.isEmpty() && leaving.remove(this)) {
        drop();
      }
    }

    private void look() {
      if (!over && watch != null) {
        watch.look();
        time.after(LinkLimits.LOOK_EVERY, this::look);
      }
    }

    boolean isLate() {
      return watch != null && watch.isLate(LATE);
    }

    void lost(String why) {
      if (over) {
        return;
      }
      drop();
      leaving.remove(this);
      if (next == this) {
        next = null;
        time.after(backoff.next(), SlotClient.this::renewed);
      }
      if (line == this) {
        line = null;
        log.debug("Slots' connection lost. hub={} why={}", dialler.hub(), why);
        time.after(backoff.next(), SlotClient.this::keepFull);
      }
    }

    void drop() {
      over = true;
      if (watch != null) {
        watch.stop();
      }
      HttpClientConnection made = connection;
      if (made != null) {
        List.copyOf(slots).forEach(AgentSlot::lineLost);
        made.close();
      }
    }
  }

  /// How long nothing may come before the hub is pinged.
  private Duration quiet() {
    if (!hubAnswers) {
      return LinkLimits.QUIET;
    }
    return atWork.isAny() ? LinkLimits.QUIET_BESIDE_A_PULSE : LinkLimits.QUIET_AND_IDLE;
  }

  /// Offers these engines and no others.
  void offer(Map<String, LocalBackend> backends) {
    int slots = backends.values().stream().mapToInt(LocalBackend::slots).sum();
    if (slots > LinkLimits.MAX_SLOTS_PER_NODE
        || backends.size() > LinkLimits.MAX_BACKENDS_PER_NODE) {
      throw new IllegalArgumentException(
          "slots: "
              + slots
              + " of "
              + backends.size()
              + " backends (expected: <= "
              + LinkLimits.MAX_SLOTS_PER_NODE
              + " of <= "
              + LinkLimits.MAX_BACKENDS_PER_NODE
              + ")");
    }
    desks.forEach((name, desk) -> desk.backend = backends.get(name));
    backends.forEach((name, backend) -> desks.computeIfAbsent(name, Desk::new).backend = backend);
    keepFull();
  }

  /// The hub knows us: streams may be offered.
  void hubAnswers() {
    hubAnswers = true;
    Line now = line;
    if (now != null) {
      // It was pinged when the pulse was lost, perhaps only just now.
      loseIfLate(now);
      time.after(LATE, () -> loseIfLate(now));
    }
    backoff.reset();
    keepFull();
  }

  private void loseIfLate(Line line) {
    if (line.isLate()) {
      line.lost("silent");
    }
  }

  /// The pulse is lost: running exchanges go on, nothing new is offered.
  void hubSilent() {
    hubAnswers = false;
    Line now = line;
    if (now != null && now.watch != null) {
      now.watch.look();
    }
  }

  /// There is a new badge. A second connection is made with it, which takes all new streams.
  void renewed() {
    if (!closed && line != null && next == null) {
      var fresh = new Line();
      next = fresh;
      fresh.dial();
    }
  }

  private void keepFull() {
    if (closed || !hubAnswers) {
      return;
    }
    Line now = line;
    if (now == null) {
      if (desks.values().stream().anyMatch(desk -> desk.wanted() > 0)) {
        var dialled = new Line();
        line = dialled;
        dialled.dial();
      }
      return;
    }
    GrpcClient client = now.client;
    if (client != null) {
      List.copyOf(desks.values()).forEach(desk -> desk.fill(now, client));
    }
  }

  void close() {
    closed = true;
    Line now = line;
    line = null;
    if (now != null) {
      now.drop();
    }
    Line coming = next;
    next = null;
    if (coming != null) {
      coming.drop();
    }
    List.copyOf(leaving).forEach(Line::drop);
    leaving.clear();
    http.close();
  }
}
