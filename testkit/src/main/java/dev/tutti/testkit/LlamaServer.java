package dev.tutti.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A real `llama-server` process on a port of its own. Killed at the latest when this JVM ends.
public final class LlamaServer implements AutoCloseable {
  /// How long a server may take from its start to its first good health answer.
  public static final Duration START_DEADLINE = Duration.ofSeconds(60);

  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

  /// Between finding a free port and its use somebody else may take it.
  private static final int MAX_PORT_TRIES = 5;

  private static final int LOG_TAIL_CHARS = 2_000;
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final List<String> command;
  private final int port;
  private final Path log;
  private Process process;

  private LlamaServer(List<String> command, int port, Path log) throws IOException {
    this.command = command;
    this.port = port;
    this.log = log;
    this.process = launch();
  }

  /// An engine that can be started, and what it says it is.
  public record Binary(Path path, String version) {}

  /// The engine: the one named by the property or variable `TUTTI_TEST_LLAMA_SERVER`, else the one
  /// on the `PATH`, else the one fetched before, else one fetched now. Looked for once per JVM.
  public static Optional<Binary> find() {
    return LlamaServerSource.Once.FOUND.binary();
  }

  /// Why {@link #find} found nothing; empty when it found something.
  public static String whyMissing() {
    return LlamaServerSource.Once.FOUND.reason();
  }

  /// The engine, or the test that asks is skipped and says why.
  public static Binary require() {
    Optional<Binary> binary = find();
    Assumptions.assumeTrue(binary.isPresent(), "no llama-server: " + whyMissing());
    return binary.orElseThrow();
  }

  /// Starts a server with one thread and waits until it is healthy. The context is that of the
  /// model for each slot. `extra` are more options, such as `--embeddings --pooling mean`.
  public static LlamaServer start(Binary binary, Path model, int slots, String... extra) {
    AssertionError last = new AssertionError("never tried");
    for (int attempt = 0; attempt < MAX_PORT_TRIES; attempt++) {
      int port = freePort();
      LlamaServer server = launch(binary, model, slots, port, List.of(extra));
      try {
        server.awaitHealth();
        return server;
      } catch (AssertionError failed) {
        server.close();
        last = failed;
        if (!server.logTail().contains("bind")) {
          throw failed;
        }
      }
    }
    throw last;
  }

  private static LlamaServer launch(
      Binary binary, Path model, int slots, int port, List<String> extra) {
    List<String> command = new ArrayList<>();
    command.add(binary.path().toString());
    command.addAll(List.of("-m", model.toString(), "--host", "127.0.0.1"));
    command.addAll(List.of("--port", Integer.toString(port), "-np", Integer.toString(slots)));
    command.addAll(List.of("-c", Integer.toString(ChainModel.CONTEXT_TOKENS * slots)));
    command.addAll(List.of("-t", "1", "-tb", "1", "--metrics"));
    command.addAll(extra);
    try {
      Path log = Files.createTempFile("llama-server", ".log");
      log.toFile().deleteOnExit();
      return new LlamaServer(command, port, log);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Where it listens: `http://127.0.0.1:PORT`.
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /// Its port.
  public int port() {
    return port;
  }

  /// The process that serves now.
  public long pid() {
    return process.pid();
  }

  /// Whether the process runs.
  public boolean isAlive() {
    return process.isAlive();
  }

  /// Kills it as `kill -9` does and returns when it is dead.
  public void kill9() {
    process.destroyForcibly();
    awaitEnd();
  }

  /// Asks it to end and kills it when it does not.
  public void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    awaitEnd();
  }

  /// Starts it again where it was, and waits until it is healthy.
  public void restartOnSamePort() {
    stop();
    try {
      process = launch();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    awaitHealth();
  }

  /// The last of what it wrote.
  public String logTail() {
    try {
      String text = Files.readString(log);
      return text.substring(Math.max(0, text.length() - LOG_TAIL_CHARS));
    } catch (IOException failed) {
      return "no log: " + failed;
    }
  }

  @Override
  public void close() {
    stop();
  }

  private Process launch() throws IOException {
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    RUNNING.add(started);
    return started;
  }

  private void awaitEnd() {
    process.onExit().orTimeout(STOP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS).join();
    RUNNING.remove(process);
  }

  private void awaitHealth() {
    try (var http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PROBE_TIMEOUT)
            .build()) {
      var request =
          HttpRequest.newBuilder(URI.create(url() + "/health")).timeout(PROBE_TIMEOUT).build();
      boolean healthy =
          Eventually.value(
              "llama-server's health",
              START_DEADLINE,
              () -> {
                if (!process.isAlive()) {
                  return false;
                }
                int status =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
                return status == 200 ? Boolean.TRUE : null;
              });
      if (!healthy) {
        throw new AssertionError("llama-server ended at once:\n" + logTail());
      }
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
