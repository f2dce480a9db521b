package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.LlamaServer;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A small mesh of real parts: a hub that speaks to one chat engine and one embedding engine
/// itself, and an agent that carries its words to a second chat engine.
final class Mesh implements AutoCloseable {
  /// The model that chats, on both ways.
  static final String CHAT_MODEL = "chain";

  /// The model that embeds, at the hub only.
  static final String EMBEDDING_MODEL = "chain-embed";

  /// The node with the agent.
  static final String AGENT_NODE = "second";

  private static final Duration JOINING = Duration.ofSeconds(60);
  private static final int SLOTS = 2;

  private final Deque<Runnable> endings = new ArrayDeque<>();
  private final TuttiProcess hub;
  private final TuttiProcess agent;
  private final HubApi api;

  private Mesh(Path folder) {
    endings.push(() -> forget(folder));
    var binary = LlamaServer.require();
    Path model = folder.resolve("chain.gguf");
    ChainModel.write(model, ChainModel.Pace.FAST);
    var near = engine(chat(binary, model));
    var far = engine(chat(binary, model));
    var embedding =
        engine(
            LlamaServer.start(
                binary,
                model,
                SLOTS,
                "--embeddings",
                "--pooling",
                "mean",
                "--alias",
                EMBEDDING_MODEL));
    var home = TuttiProcess.Place.fresh();
    hub =
        TuttiProcess.hub(
            home, "--no-discover", "--backend", near.url(), "--backend", embedding.url());
    endings.push(hub::close);
    api = new HubApi(hub.url());
    endings.push(api::close);
    agent = join(home, far.url());
    endings.push(agent::close);
    try {
      Eventually.until(
          "every model is up",
          JOINING,
          () ->
              api.modelsUp()
                  .equals(
                      Set.of(
                          "direct " + CHAT_MODEL,
                          "direct " + EMBEDDING_MODEL,
                          "agent " + CHAT_MODEL)));
    } catch (AssertionError e) {
      throw new AssertionError(api.get("backends") + "\n" + story(), e);
    }
  }

  /// Starts everything and waits until every model can be asked; the test that has no engine is
  /// skipped and says so.
  static Mesh start() {
    try {
      return new Mesh(Files.createTempDirectory("mesh"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LlamaServer chat(LlamaServer.Binary binary, Path model) {
    return LlamaServer.start(binary, model, SLOTS, "--alias", CHAT_MODEL, "--jinja");
  }

  private LlamaServer engine(LlamaServer server) {
    endings.push(server::close);
    return server;
  }

  /// Types the command that the invitation prints on a machine of its own.
  private TuttiProcess join(TuttiProcess.Place hubHome, String engine) {
    var said =
        TuttiProcess.run(hubHome, "node", "invite", "--name", AGENT_NODE, "--url", hub.url());
    assertThat(said.code()).as(said.err()).isZero();
    List<String> words = new ArrayList<>(List.of(said.out().strip().split("\\s+")));
    assertThat(words.removeFirst()).isEqualTo("tutti");
    Collections.addAll(words, "--no-discover", "--backend", engine);
    return TuttiProcess.start(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
  }

  private static void forget(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where clients connect.
  String url() {
    return hub.url();
  }

  /// Where gRPC clients connect.
  int grpcPort() {
    return hub.log()
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("grpc "))
        .mapToInt(line -> Integer.parseInt(line.substring("grpc ".length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line \"grpc PORT\" in\n" + hub.log()));
  }

  /// The hub's own API.
  HubApi api() {
    return api;
  }

  /// What hub and agent said, for a failure.
  String story() {
    return "hub:\n" + hub.log() + "\nagent:\n" + agent.log();
  }

  @Override
  public void close() {
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }
}
