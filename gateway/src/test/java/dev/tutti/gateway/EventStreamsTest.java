package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.FleetView;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.EventKind;
import dev.tutti.telemetry.FeedEvent;
import dev.tutti.testkit.Eventually;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamsTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private final Rig rig = new Rig(FleetView.EMPTY);

  @AfterEach
  void close() {
    rig.close();
  }

  private FeedEvent publish(int n) {
    return rig.onOwner(() -> rig.feed.publish(EventKind.NODE_CHANGED, Map.of("n", n)));
  }

  private int watchers() {
    return rig.onOwner(rig.feed::subscribers);
  }

  @Test
  void events_stream_as_they_happen_and_resume_after_an_id() {
    FeedEvent seen = publish(1);
    FeedEvent missed = publish(2);
    try (var client = new RawClient(rig.port())) {
      client.head("GET", "/mesh/v1/events", "last-event-id: " + seen.id());
      assertThat(client.until("\"n\":2"))
          .contains("content-type: text/event-stream")
          .contains("id: " + missed.id() + "\nevent: node.changed\ndata: {\"id\":" + missed.id())
          .doesNotContain("\"n\":1");
      publish(3);
      client.until("\"n\":3");
    }
    Eventually.until("the watcher's end", Duration.ofSeconds(1), () -> watchers() == 0);
  }

  @Test
  void without_an_id_the_stream_begins_now() {
    publish(1);
    try (var client = new RawClient(rig.port())) {
      client.head("GET", "/mesh/v1/events");
      client.until(": tutti events");
      publish(2);
      assertThat(client.until("\"n\":2")).doesNotContain("\"n\":1");
    }
  }

  @Test
  void a_watcher_that_does_not_read_misses_events_and_is_told_so() {
    String padding = "x".repeat(2_000);
    try (var client = new RawClient(rig.port())) {
      client.head("GET", "/mesh/v1/events");
      client.until(": tutti events");
      rig.onOwner(() -> {
        for (int i = 0; i < 2 * EventFeed.CAPACITY; i++) {
          rig.feed.publish(EventKind.NODE_CHANGED, Map.of("i", i, "padding", padding));
        }
        return true;
      });
      assertThat(client.until("event: gap")).contains("\"i\":0");
      client.until("\"i\":" + (2 * EventFeed.CAPACITY - 1));
    }
  }

  @Test
  void a_web_socket_tells_the_same_and_resumes_too() {
    FeedEvent seen = publish(1);
    publish(2);
    List<String> heard = new CopyOnWriteArrayList<>();
    WebSocket socket =
        Rig.await(
            rig.http
                .newWebSocketBuilder()
                .buildAsync(
                    URI.create(
                        "ws://127.0.0.1:" + rig.port() + "/mesh/v1/events?after=" + seen.id()),
                    new Hearing(heard)));
    publish(3);
    Eventually.until("both events", SOON, () -> heard.size() == 2);
    assertThat(heard.get(0)).contains("\"n\":2").startsWith("{\"id\":" + (seen.id() + 1));
    assertThat(heard.get(1)).contains("\"n\":3");

    Rig.await(socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye"));
    Eventually.until("the watcher's end", SOON, () -> watchers() == 0);
  }

  private record Hearing(List<String> heard) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      heard.add(text.toString());
      return WebSocket.Listener.super.onText(socket, text, last);
    }
  }
}
