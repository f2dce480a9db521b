package dev.tutti.e2e;

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

/// Records the hub's event feed from its start on.
final class EventTape implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String RECORD = "data: ";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Event> events = new CopyOnWriteArrayList<>();

  private EventTape() {}

  /// One event, with the hub's own time.
  record Event(Instant at, String kind, JsonNode what) {
    boolean isAbout(String backend) {
      return what.path("backend").asString("").equals(backend);
    }
  }

  /// Listens from now on.
  static EventTape start(String hub) throws Exception {
    var tape = new EventTape();
    var request =
        HttpRequest.newBuilder(URI.create(hub + "/mesh/v1/events"))
            .header("accept", "text/event-stream")
            .timeout(PATIENCE)
            .build();
    HttpResponse<Stream<String>> response =
        tape.http.send(request, HttpResponse.BodyHandlers.ofLines());
    Thread.ofVirtual().name("event-tape").start(() -> tape.listen(response.body()));
    return tape;
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
      JsonNode event = HubApi.parse(line.substring(RECORD.length()));
      events.add(
          new Event(
              Instant.parse(event.path("at").asString()),
              event.path("kind").asString(),
              event.path("data")));
    }
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
