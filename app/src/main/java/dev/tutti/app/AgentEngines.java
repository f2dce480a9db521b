package dev.tutti.app;

import dev.tutti.backends.AddressKeys;
import dev.tutti.backends.DirectHttp;
import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.backends.Prober;
import dev.tutti.backends.Watcher;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.NodeReport;
import dev.tutti.link.agent.LocalBackend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The engines on an agent's machine: watched here, offered to the hub while they are well. Owner
/// loop only.
final class AgentEngines {
  private final Vertx vertx;
  private final Time time;
  private final Prober prober;
  private final AddressKeys addressKeys;
  private final String agentId;
  private final Runnable changed;
  private final Map<String, Engine> engines = new LinkedHashMap<>();

  /// @param agentId what stands in the hop header of this agent's own questions
  /// @param changed runs after every change that the hub should hear of
  AgentEngines(Vertx vertx, Time time, AddressKeys addressKeys, String agentId, Runnable changed) {
    this.vertx = vertx;
    this.time = time;
    this.prober = new Prober(vertx, time, agentId);
    this.addressKeys = addressKeys;
    this.agentId = agentId;
    this.changed = changed;
  }

  /// Finds out what is at an address, without keeping it.
  Future<Finding> look(EngineAddress address) {
    var transport = new DirectHttp(vertx, address, agentId);
    return prober.probe(transport, address).onComplete(_ -> transport.close());
  }

  boolean knows(EngineAddress address) {
    return engines.values().stream()
        .anyMatch(engine -> engine.address.authority().equals(address.authority()));
  }

  /// Takes an engine in that was just found, or that the owner named and that may be down.
  void add(EngineAddress address, Finding finding) {
    if (knows(address) || engines.size() >= LinkLimits.MAX_BACKENDS_PER_NODE) {
      return;
    }
    String kind =
        finding instanceof Finding.Found(BackendFacts facts) ? facts.kind().wireName() : "engine";
    String name =
        address.name().orElse(engines.containsKey(kind) ? kind + "-" + address.port() : kind);
    var engine = new Engine(address);
    engines.put(name, engine);
    if (finding instanceof Finding.Found(BackendFacts facts)) {
      engine.learn(facts, Health.UP, "");
    }
    engine.watcher.start();
    addressKeys
        .of(address)
        .onSuccess(keys -> {
          engine.keys = keys;
          changed.run();
        });
    changed.run();
  }

  /// What the hub is told of them.
  List<NodeReport.Backend> report() {
    var told = new ArrayList<NodeReport.Backend>();
    engines.forEach((name, engine) ->
        told.add(
            new NodeReport.Backend(
                name,
                engine.address.url(),
                engine.facts,
                engine.health,
                engine.trouble,
                engine.keys)));
    return told;
  }

  /// What can be worked on now, and how many at a time.
  Map<String, LocalBackend> offer() {
    var offered = new LinkedHashMap<String, LocalBackend>();
    engines.forEach((name, engine) -> {
      if (engine.health == Health.UP || engine.health == Health.SUSPECT) {
        int slots = DirectBackends.slotsOf(engine.address.slots(), engine.facts);
        offered.put(
            name,
            new LocalBackend(
                engine.transport, Math.min(slots, LinkLimits.MAX_SLOTS_PER_NODE), engine::idle));
      }
    });
    return offered;
  }

  void close() {
    engines.values().forEach(Engine::close);
    engines.clear();
  }

  private final class Engine implements Watcher.Listener {
    final EngineAddress address;
    final DirectHttp transport;
    final Watcher watcher;
    BackendFacts facts = BackendFacts.NONE;
    Health health = Health.UNKNOWN;
    String trouble = "not asked yet";
    int soft;
    Set<String> keys = Set.of();

    Engine(EngineAddress address) {
      this.address = address;
      this.transport = new DirectHttp(vertx, address, agentId);
      this.watcher = new Watcher(time, prober, transport, address, this);
    }

    @Override
    public void facts(BackendFacts fresh) {
      soft = 0;
      learn(fresh, Health.UP, "");
    }

    @Override
    public void alive() {
      soft = 0;
      learn(facts, Health.UP, "");
    }

    @Override
    public void failed(Failure failure) {
      boolean silent = failure.code() == FailureCode.ENGINE_STALLED;
      if (silent && (health == Health.UP || health == Health.SUSPECT)) {
        quiet();
        return;
      }
      boolean busy = failure.code() == FailureCode.ENGINE_BUSY;
      boolean hard = busy || failure.code() == FailureCode.ENGINE_UNREACHABLE;
      if (!hard
          && (health == Health.UP || health == Health.SUSPECT)
          && ++soft < LivenessLimits.FALL) {
        return;
      }
      learn(facts, busy ? Health.BUSY : Health.DOWN, failure.message());
    }

    /// The hub is told at once, and judges by the answers that come and by the clock.
    @Override
    public void quiet() {
      if (health == Health.UP) {
        learn(facts, Health.SUSPECT, "silent");
      }
    }

    void learn(BackendFacts fresh, Health now, String why) {
      if (!fresh.equals(facts) || now != health || !why.equals(trouble)) {
        facts = fresh;
        health = now;
        trouble = why;
        changed.run();
      }
    }

    /// Whether the engine can take work again after a cancelled exchange: an engine that says so.
    Future<Boolean> idle() {
      return prober.health(transport, facts.kind()).map(trouble -> trouble.isEmpty());
    }

    void close() {
      watcher.stop();
      transport.close();
    }
  }
}
