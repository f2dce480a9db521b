package dev.tutti.e2e;

import dev.tutti.testkit.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Watches a hub's events as server-sent events from now on.
final class EventWatch implements AutoCloseable {
  /// How soon the stream must say its first word: far less than the pause between two of its signs
  /// of life.
  private static final long OPEN_SECONDS = 5;

  private final InputStream stream;
  private final List<JsonNode> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch open = new CountDownLatch(1);

  private EventWatch(InputStream stream) {
    this.stream = stream;
  }

  /// Begins to watch; events after the return are seen.
  static EventWatch of(String hub) {
    var watch = new EventWatch(Http.stream(hub + "/mesh/v1/events"));
    Thread.ofVirtual().name("events").start(watch::read);
    try {
      if (!watch.open.await(OPEN_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("no event stream from " + hub);
      }
      return watch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Waits for an event of this kind whose data pleases.
  JsonNode await(String kind, Duration deadline, Predicate<JsonNode> data) {
    try {
      return Eventually.value(
          "the event " + kind,
          deadline,
          () ->
              seen.stream()
                  .filter(event -> event.path("kind").asString("").equals(kind))
                  .map(event -> event.path("data"))
                  .filter(data)
                  .findFirst()
                  .orElse(null));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "; seen: " + seen, e);
    }
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        open.countDown();
        if (line.startsWith("data: ")) {
          seen.add(JsonMapper.shared().readTree(line.substring("data: ".length())));
        }
      }
    } catch (IOException _) {
      // the hub ended or the test has seen enough: what came stays
    }
  }
}
