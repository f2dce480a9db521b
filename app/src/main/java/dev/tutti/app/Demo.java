package dev.tutti.app;

import dev.tutti.backends.EngineAddress;
import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.Hardware;
import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.paced.PacedModel.Role;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Four simulated engines, paced like the machines of the Symphony network.
///
/// Decode speeds are the network's own table (8B: Intel iMac 8 tok/s, M4 Mac Mini 30 tok/s).
/// Everything else is estimated and no measurement: a 3B model decodes 8/3 times as fast as an 8B
/// one, prompts are read ten times as fast as answers are written on a CPU and twenty times with
/// Metal, a model is loaded at 1 GiB/s from an iMac's disk and at 3 GiB/s from a Mini's.
final class Demo {
  private static final Bytes SMALL = Bytes.ofGibi(1.9);
  private static final Bytes MEDIUM = Bytes.ofGibi(4.6);
  private static final Bytes WORDS = Bytes.ofGibi(0.26);

  private final List<PacedEngine> engines = new ArrayList<>();

  /// A machine of the network.
  private record Machine(
      String name, String cpu, double ramGibi, boolean metal, PaceProfile engine) {}

  private static List<Machine> machines() {
    return List.of(
        new Machine(
            "bob",
            "Apple M4 (simulated)",
            16,
            true,
            engine(
                "bob",
                paced(30 * 8 / 3.0, 20, Duration.ofMillis(700)),
                model("sim/llama3.2:3b", SMALL, Role.CHAT),
                model("sim/nomic-embed-text", WORDS, Role.EMBED))),
        new Machine(
            "maestro",
            "Intel Core i9 (simulated)",
            64,
            false,
            engine(
                "maestro",
                paced(8, 10, Duration.ofMillis(4_600)),
                model("sim/llama3.1:8b", MEDIUM, Role.CHAT),
                model("sim/llama3.2:3b", SMALL, Role.CHAT))),
        new Machine(
            "stagehand",
            "Intel Core i5 (simulated)",
            8,
            false,
            engine(
                "stagehand",
                paced(8, 10, Duration.ofMillis(300)),
                model("sim/nomic-embed-text", WORDS, Role.EMBED))),
        new Machine(
            "virtuoso",
            "Apple M4 (simulated)",
            24,
            true,
            engine(
                "virtuoso",
                paced(30, 20, Duration.ofMillis(1_600)),
                model("sim/llama3.1:8b", MEDIUM, Role.CHAT),
                model("sim/llava:7b", MEDIUM, Role.CHAT, Role.VISION))));
  }

  private static Pace paced(double decode, double prefillFactor, Duration load) {
    return Pace.of(decode * prefillFactor, decode).withLoad(load);
  }

  private static PacedModel model(String name, Bytes size, Role... roles) {
    return new PacedModel(new ModelName(name), Set.of(roles), size, 8_192);
  }

  private static PaceProfile engine(String name, Pace pace, PacedModel... models) {
    return PaceProfile.of(name, EngineKind.OLLAMA, List.of(models)).withPace(pace);
  }

  /// Starts all four on free ports of loopback and takes them into the fleet, each as a node of its
  /// own. On the owner's loop.
  Future<Void> start(Vertx vertx, Fleet fleet, DirectBackends backends) {
    var starting = new ArrayList<Future<Void>>();
    for (Machine machine : machines()) {
      starting.add(
          PacedEngine.start(vertx, machine.engine())
              .map(engine -> {
                engines.add(engine);
                var node = new NodeId(machine.name());
                var address = EngineAddress.parse(engine.url());
                backends.add(new BackendId(machine.name() + "/simulated"), node, address);
                fleet.hardware(node, hardware(machine));
                return null;
              }));
    }
    return Future.join(starting).mapEmpty();
  }

  /// Three commands worth trying.
  static List<String> suggestions(String url) {
    return List.of(
        "curl -N "
            + url
            + "/v1/chat/completions -H 'content-type: application/json' -d"
            + " '{\"model\":\"sim/llama3.2:3b\",\"stream\":true,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'",
        "./tutti run sim/llama3.1:8b 'Who answers me?' --why",
        "./tutti status --watch 1");
  }

  private static Hardware hardware(Machine machine) {
    Bytes ram = Bytes.ofGibi(machine.ramGibi());
    return new Hardware(
        machine.cpu(),
        0,
        machine.metal() ? "arm64" : "x86_64",
        "macOS (simulated)",
        ram,
        Bytes.ofGibi(machine.ramGibi() * 0.6),
        machine.metal() ? "Apple M4 GPU (simulated)" : "",
        machine.metal() ? ram : Bytes.UNKNOWN);
  }

  Future<Void> close() {
    return Future.join(engines.stream().map(PacedEngine::close).toList()).mapEmpty();
  }
}
