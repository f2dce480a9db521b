package dev.tutti.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Records the hub's event feed from its start on.
public final class EventTape implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RECORD = "data: ";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Event> events = new CopyOnWriteArrayList<>();

  private EventTape() {}

  /// One event, with the hub's own time.
  public record Event(Instant at, String kind, JsonNode what) {
    /// Whether it is about this backend.
    public boolean isAbout(String backend) {
      return what.path("backend").asString("").equals(backend);
    }
  }

  /// Listens from now on.
  public static EventTape start(String hub) {
    return start(hub, "");
  }

  /// The same at a hub that asks for a key.
  public static EventTape start(String hub, String key) {
    var tape = new EventTape();
    var request =
        HttpRequest.newBuilder(URI.create(hub + "/mesh/v1/events"))
            .header("accept", "text/event-stream")
            .header("authorization", "Bearer " + key)
            .timeout(PATIENCE)
            .build();
    try {
      HttpResponse<Stream<String>> response =
          tape.http.send(request, HttpResponse.BodyHandlers.ofLines());
      Thread.ofVirtual().name("event-tape").start(() -> tape.listen(response.body()));
      return tape;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void listen(Stream<String> lines) {
    try {
      lines.forEach(this::record);
    } catch (UncheckedIOException _) {
      // closed, or the hub has gone: what was recorded stays
    }
  }

  private void record(String line) {
    if (line.startsWith(RECORD)) {
      JsonNode event = JsonMapper.shared().readTree(line.substring(RECORD.length()));
      events.add(
          new Event(
              Instant.parse(event.path("at").asString()),
              event.path("kind").asString(),
              event.path("data")));
    }
  }

  /// Everything so far, in the hub's order.
  public List<Event> events() {
    return List.copyOf(events);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
