package dev.tutti.link.agent;

import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.PingWatch;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.grpc.client.GrpcClient;
import java.time.Duration;
import java.util.ArrayList;
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
  private final HubAddress hub;
  private final AgentIdentity identity;
  private final Time time;
  private final Backoff backoff;
  private final HttpClientAgent http;
  private final BodyBudget budget = new BodyBudget();
  private final Map<String, Desk> desks = new HashMap<>();
  private @Nullable Line line;
  private boolean hubAnswers;
  private boolean closed;

  SlotClient(
      Vertx vertx, HubAddress hub, AgentIdentity identity, Time time, RandomGenerator random) {
    this.vertx = vertx;
    this.hub = hub;
    this.identity = identity;
    this.time = time;
    this.backoff = new Backoff(random);
    this.http = vertx.createHttpClient(Connections.client(hub.security()));
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

    private void fill(GrpcClient client) {
      int surplus = slots.size() - wanted();
      for (AgentSlot slot : List.copyOf(slots)) {
        if (surplus > 0 && slot.withdraw()) {
          surplus--;
        }
      }
      LocalBackend offered = backend;
      while (offered != null && slots.size() < wanted()) {
        var slot = new AgentSlot(identity, name, offered, time, budget, this);
        slots.add(slot);
        slot.open(client);
      }
    }

    @Override
    public void over(AgentSlot slot) {
      slots.remove(slot);
      if (slots.isEmpty() && backend == null) {
        desks.remove(name, this);
      }
      keepFull();
    }
  }

  /// One connection.
  private final class Line {
    private @Nullable HttpClientConnection connection;
    private @Nullable GrpcClient client;
    private @Nullable PingWatch watch;
    private boolean over;

    void dial() {
      http.connect(new HttpConnectOptions().setHost(hub.host()).setPort(hub.port()))
          .onFailure(_ -> lost("unreachable"))
          .onSuccess(this::connected);
    }

    private void connected(HttpClientConnection made) {
      connection = made;
      if (over) {
        made.close();
        return;
      }
      client = GrpcClient.client(vertx, made);
      watch =
          new PingWatch(
              made,
              time,
              () -> hubAnswers ? LinkLimits.QUIET_BESIDE_A_PULSE : LinkLimits.QUIET,
              LinkLimits.SILENCE,
              () -> lost("silent"),
              () -> {});
      look();
      made.exceptionHandler(cause -> log.debug("Connection failed. hub={}", hub, cause));
      made.closeHandler(_ -> lost("closed"));
      keepFull();
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
      if (line == this) {
        line = null;
        log.debug("Slots' connection lost. hub={} why={}", hub, why);
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
        var slots = new ArrayList<AgentSlot>();
        desks.values().forEach(desk -> slots.addAll(desk.slots));
        slots.forEach(AgentSlot::lineLost);
        made.close();
      }
    }
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
      List.copyOf(desks.values()).forEach(desk -> desk.fill(client));
    }
  }

  void close() {
    closed = true;
    Line now = line;
    line = null;
    if (now != null) {
      now.drop();
    }
    http.close();
  }
}
