package dev.tutti.link;

import com.google.protobuf.ByteString;
import dev.tutti.backends.Transport;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.agent.AgentIdentity;
import dev.tutti.link.agent.AgentLink;
import dev.tutti.link.agent.AgentListener;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.agent.LocalBackend;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.hub.EnrolmentLog;
import dev.tutti.link.hub.HubLink;
import dev.tutti.link.hub.HubLinkOptions;
import dev.tutti.link.hub.LinkListener;
import dev.tutti.link.hub.NodeAdmission;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Proof;
import dev.tutti.link.trust.Seal;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.NullUnmarked;

/// A hub and agents in one process, over real connections, each owner on an event loop of its own.
@NullUnmarked
public final class TestMesh implements AutoCloseable {
  public static final Duration SOON = Duration.ofSeconds(10);
  public static final NodeId NODE = new NodeId("virtuoso");
  private static final SecureRandom RANDOM = new SecureRandom();

  public final Vertx vertx = Vertx.vertx();
  public final Context owner = loop();
  public final Heard heard = new Heard();

  /// How far the hub's wall clock is off, and how far the agents' is.
  public final AtomicReference<Duration> hubShift = new AtomicReference<>(Duration.ZERO);

  public final AtomicReference<Duration> agentShift = new AtomicReference<>(Duration.ZERO);
  public final MemoryShelf shelf = new MemoryShelf();
  public final Authority authority =
      Authority.open(shelf, "hub-1", new LoopTime(owner, hubShift), RANDOM);
  public final Enrolment enrolment =
      new Enrolment(
          EnrolmentLog.NONE,
          new LoopTime(owner, hubShift),
          RANDOM,
          new Seal(Seal.freshKey(RANDOM), RANDOM),
          authority::pin);
  public final HubLink hub;
  private final List<TestAgent> agents = new ArrayList<>();

  private TestMesh(int port) {
    HubLink.prepare();
    hub =
        await(
            HubLink.start(
                vertx,
                new HubLinkOptions("127.0.0.1", port, "hub-1"),
                authority,
                enrolment,
                heard,
                task -> owner.runOnContext(_ -> task.run()),
                loop -> new LoopTime(loop, hubShift)));
  }

  public static TestMesh start() {
    return new TestMesh(0);
  }

  /// What the hub's owner heard, as short lines, and counters.
  public static final class Heard implements LinkListener {
    public final List<String> lines = new CopyOnWriteArrayList<>();
    public final List<NodeReport> reports = new CopyOnWriteArrayList<>();
    public final List<Duration> clocks = new CopyOnWriteArrayList<>();
    public final AtomicInteger heartbeats = new AtomicInteger();
    public final AtomicInteger slots = new AtomicInteger();
    public volatile boolean connected;

    @Override
    public void nodeConnected(NodeId node, String address, long incarnation, String version) {
      connected = true;
      lines.add("connected " + node + " " + incarnation);
    }

    @Override
    public void report(NodeId node, NodeReport report) {
      reports.add(report);
    }

    @Override
    public void heartbeat(NodeId node) {
      heartbeats.incrementAndGet();
    }

    @Override
    public void clock(NodeId node, Duration ahead) {
      clocks.add(ahead);
    }

    @Override
    public void nodeDisconnected(NodeId node, String why) {
      connected = false;
      lines.add("disconnected " + node);
    }

    @Override
    public void slotOpened(NodeId node, String backend) {
      slots.incrementAndGet();
    }

    @Override
    public void slotClosed(NodeId node, String backend) {
      slots.decrementAndGet();
      lines.add("slot closed " + node + " " + backend);
    }
  }

  /// An agent with one scripted engine named `engine`.
  public final class TestAgent {
    public final Context loop = loop();
    public final ScriptedEngine engine = new ScriptedEngine(loop);
    public final List<String> lines = new CopyOnWriteArrayList<>();
    public volatile boolean idle = true;
    public final List<Badge> badges = new CopyOnWriteArrayList<>();
    public AgentLink link;

    public void offer(int slots) {
      on(
          loop,
          () -> {
            link.offer(
                slots == 0
                    ? Map.of()
                    : Map.of(
                        "engine",
                        new LocalBackend(engine, slots, () -> Future.succeededFuture(idle))));
            return null;
          });
    }

    public void report(NodeReport report) {
      on(
          loop,
          () -> {
            link.report(report);
            return null;
          });
    }

    public void close() {
      await(on(loop, link::close));
    }

    private final AgentListener listener =
        new AgentListener() {
          @Override
          public void connected() {
            lines.add("connected");
          }

          @Override
          public void disconnected(String why) {
            lines.add("disconnected " + why);
          }

          @Override
          public void refused(String why) {
            lines.add("refused " + why);
          }

          @Override
          public void removed() {
            lines.add("removed");
          }

          @Override
          public Future<?> renewed(Badge badge) {
            badges.add(badge);
            return Future.succeededFuture();
          }
        };
  }

  /// An agent with so many slots, let in and ready.
  public TestAgent agent(int slots) {
    TestAgent agent = dial(join(NODE, "machine-1"), 1, hub.port());
    agent.offer(slots);
    Eventually.until("slots", SOON, () -> heard.slots.get() == slots);
    return agent;
  }

  /// Lets a node in without the wire.
  public Badge join(NodeId node, String machineKey) {
    KeyPair pair = FreshKey.make();
    byte[] csr = FreshKey.request(pair);
    byte[] key = Authority.requestedKey(csr);
    UUID uuid =
        on(
            owner,
            () -> {
              var token = JoinToken.parse(enrolment.invite(node, NodeRole.LLM_WORKER).token());
              var exporter = new byte[32];
              byte[] proof = Proof.of(Proof.keyOf(token.id(), token.secret()), exporter, csr);
              var wish =
                  new NodeAdmission.Application(
                      "",
                      new NodeAdmission.Invited(
                          token.id(),
                          ByteString.copyFrom(proof),
                          ByteString.copyFrom(exporter),
                          ByteString.copyFrom(csr)),
                      ByteString.copyFrom(key),
                      machineKey,
                      "host",
                      "1",
                      "127.0.0.1");
              return ((NodeAdmission.Approved) enrolment.enrol(wish)).uuid();
            });
    Authority.Issued issued = authority.certify(uuid, key);
    return new Badge(new KeyMaterial(pair.getPrivate(), issued.chain()), issued.pins());
  }

  public TestAgent dial(Badge badge, long incarnation, int port) {
    return dial(badge, new AgentIdentity(NODE, "machine-1", incarnation, "1"), port);
  }

  public TestAgent dial(Badge badge, AgentIdentity identity, int port) {
    var agent = new TestAgent();
    agent.link =
        await(
            on(
                agent.loop,
                () ->
                    AgentLink.start(
                        vertx,
                        agent.loop,
                        new HubAddress("127.0.0.1", port),
                        badge,
                        identity,
                        report("engine"),
                        agent.listener,
                        loop -> new LoopTime(loop, agentShift),
                        RANDOM)));
    agents.add(agent);
    return agent;
  }

  /// Removes a node as its owner would.
  public void remove(NodeId node) {
    on(
        owner,
        () -> {
          UUID uuid = enrolment.node(node).orElseThrow().uuid();
          enrolment.remove(node);
          hub.remove(node, uuid);
          return null;
        });
  }

  public static NodeReport report(String... backends) {
    var model =
        new ModelFacts(
            new ModelName("qwen3:8b"),
            ModelType.TEXT,
            Bytes.ofGibi(5),
            "sha256:00",
            40_960,
            new ModelFacts.Loaded(true, Bytes.ofGibi(6), Bytes.UNKNOWN, 8_192, ""),
            List.of("completion", "tools"),
            Map.of("family", "qwen3"),
            "2026-01-01T00:00:00Z");
    var facts = new BackendFacts(BackendKind.OLLAMA, "0.17.1", 0, List.of(model), false);
    return new NodeReport(
        "virtuoso.local",
        NodeRole.LLM_WORKER,
        Hardware.UNKNOWN,
        List.of(backends).stream()
            .map(name ->
                new NodeReport.Backend(
                    name, "http://127.0.0.1:11434", facts, Health.UP, "", Set.of("a", "b")))
            .toList());
  }

  /// Sends a request through the tunnel from the hub's owner.
  public Answer send(String method, String path, Buffer body, Answer answer) {
    return on(
        owner,
        () -> {
          Transport transport = hub.transport(NODE, "engine");
          answer.exchange =
              transport.send(
                  new Transport.Request(
                      method, path, Map.of("content-type", "application/json"), body),
                  answer);
          return answer;
        });
  }

  public Answer chat(Answer answer) {
    return send("POST", "/api/chat", Buffer.buffer("{}"), answer);
  }

  public void cancel(Answer answer) {
    on(
        owner,
        () -> {
          answer.exchange.cancel();
          return null;
        });
  }

  public Context loop() {
    var made = new CompletableFuture<Context>();
    Deployable deployable =
        context -> {
          made.complete(context);
          return Future.succeededFuture();
        };
    await(vertx.deployVerticle(deployable));
    return made.join();
  }

  public static <T> T on(Context context, Callable<T> task) {
    var result = new CompletableFuture<T>();
    context.runOnContext(_ -> {
      try {
        result.complete(task.call());
      } catch (Exception | AssertionError broken) {
        result.completeExceptionally(broken);
      }
    });
    return get(result);
  }

  public static <T> T await(Future<T> future) {
    return get(future.toCompletionStage().toCompletableFuture());
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(SOON.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException broken) {
      throw new AssertionError("no result", broken);
    }
  }

  @Override
  public void close() {
    agents.forEach(TestAgent::close);
    await(hub.close());
    await(vertx.close());
  }
}
