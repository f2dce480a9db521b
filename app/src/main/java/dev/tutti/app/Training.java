package dev.tutti.app;

import dev.tutti.app.cli.AgentOptions;
import dev.tutti.app.cli.Cli;
import dev.tutti.app.cli.Environment;
import dev.tutti.app.cli.Streams;
import dev.tutti.core.Time;
import dev.tutti.link.trust.JoinToken;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One short life of a hub with its demo, an agent and a few commands, so that the JVM can write
/// down which classes they need: run once at build time.
final class Training {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Training() {}

  static int run(Time time) {
    try {
      Path folder = Files.createTempDirectory("tutti-training");
      try {
        live(time, folder);
        return 0;
      } finally {
        delete(folder);
      }
    } catch (Exception e) {
      System.err.println("training: " + e);
      return 1;
    }
  }

  private static void live(Time time, Path folder) throws Exception {
    Settings usual = Settings.DEFAULTS;
    var settings =
        new Settings(
            usual.host(),
            0,
            0,
            0,
            false,
            false,
            usual.strategy(),
            usual.queueTtl(),
            usual.queueLimit(),
            usual.silence(),
            List.of(),
            true,
            "training",
            usual.web(),
            LoadRules.NONE,
            false,
            AutoChoice.NONE,
            usual.policy(),
            AccessRules.NONE);
    Vertx vertx = Tutti.vertx();
    try (Saved saved =
        Saved.open(new Home(folder.resolve("hub")).create(), time, new SecureRandom())) {
      Hub hub =
          wait(
              Hub.start(vertx, settings, saved, List.of())
                  .toCompletionStage()
                  .toCompletableFuture());
      try {
        requests(hub.url());
        agent(vertx, time, hub.url(), folder.resolve("agent"));
      } finally {
        wait(hub.close().toCompletionStage().toCompletableFuture());
      }
    } finally {
      wait(vertx.close().toCompletionStage().toCompletableFuture());
    }
  }

  private static void requests(String url) throws IOException, InterruptedException {
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      String talk = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
      for (String path :
          List.of(
              "/api/version",
              "/api/tags",
              "/v1/models",
              "/mesh/v1/status",
              "/mesh/v1/nodes",
              "/metrics",
              "/health")) {
        client.send(
            HttpRequest.newBuilder(URI.create(url + path)).build(),
            HttpResponse.BodyHandlers.ofString());
      }
      post(
          client,
          url + "/v1/chat/completions",
          "{\"model\":\"sim/llama3.2:3b\",\"stream\":true,\"max_tokens\":4," + talk + "}");
      post(
          client,
          url + "/api/chat",
          "{\"model\":\"sim/llama3.2:3b\",\"options\":{\"num_predict\":4}," + talk + "}");
      post(
          client,
          url + "/v1/embeddings",
          "{\"model\":\"sim/nomic-embed-text\",\"input\":\"Hello\"}");
    }
  }

  private static void post(HttpClient client, String url, String body)
      throws IOException, InterruptedException {
    client.send(
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void agent(Vertx vertx, Time time, String url, Path folder) throws Exception {
    Home home = new Home(folder).create();
    var said = new java.io.ByteArrayOutputStream();
    var streams =
        new Streams(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(said, true, StandardCharsets.UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            false);
    var tutti = new Tutti(time);
    Environment environment = Environment.ofProcess(time);
    Cli.run(new String[] {"status", "--url", url}, tutti, environment, streams);
    said.reset();
    Cli.run(
        new String[] {"node", "invite", "--name", "trainee", "--role", "llm_worker", "--url", url},
        tutti,
        environment,
        streams);
    String[] words = said.toString(StandardCharsets.UTF_8).strip().split("\\s+", -1);
    Membership membership =
        tutti.enrol(
            vertx,
            Membership.address(words[3]),
            Optional.of(JoinToken.parse(words[5])),
            new AgentOptions(Optional.empty(), List.of(), false, folder, false));
    membership.write(home);
    var ready = new CompletableFuture<String>();
    Agent agent =
        wait(
            Agent.start(
                    vertx,
                    time,
                    membership,
                    new AgentOptions(Optional.empty(), List.of(), false, folder, false),
                    ready::complete)
                .toCompletionStage()
                .toCompletableFuture());
    wait(ready);
    wait(agent.close().toCompletionStage().toCompletableFuture());
  }

  private static <T> T wait(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
