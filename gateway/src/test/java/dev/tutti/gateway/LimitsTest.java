package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Health;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private static FleetView fleet() {
    return Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")));
  }

  @Test
  void where_there_is_no_room_the_one_that_was_quiet_for_longest_makes_it() {
    try (var rig =
            new Rig(
                FleetView.EMPTY,
                GatewayLimits.DEFAULT.with(GatewayLimits.DEFAULT.connections().withMax(2)));
        var slow = new RawClient(rig.port());
        var second = new RawClient(rig.port())) {
      slow.send("GET /health HTTP/1.1\r\nhost: loc");
      second.head("GET", "/health");
      second.until("ok");
      try (var third = new RawClient(rig.port())) {
        third.head("GET", "/health");
        third.until("ok");
        assertThat(slow.untilEnd()).isEmpty();
      }
      second.head("GET", "/ready");
      second.until("ready");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connections_with_answers_under_way_are_not_closed_for_another(boolean ofOneAddress) {
    GatewayLimits.Connections usual = GatewayLimits.DEFAULT.connections();
    try (var rig =
            new Rig(
                fleet(),
                GatewayLimits.DEFAULT.with(
                    ofOneAddress ? usual.withMaxPerAddress(2) : usual.withMax(2)));
        var first = new RawClient(rig.port());
        var second = new RawClient(rig.port())) {
      rig.engine("eve/ollama").script(play -> play.sayNow("so far"));
      first.post("/v1/chat/completions", STREAM);
      first.until("so far");
      second.head("GET", "/mesh/v1/events");
      second.until("tutti events");
      try (var third = new RawClient(rig.port())) {
        assertThat(third.untilEnd()).isEmpty();
      }
      rig.engine("eve/ollama").plays.getFirst().finishNow();
      first.until("[DONE]");
    }
  }

  @Test
  void a_body_that_comes_byte_by_byte_is_given_up() {
    GatewayLimits limits =
        GatewayLimits.DEFAULT.with(GatewayLimits.DEFAULT.bodies().withIdle(Duration.ofMillis(300)));
    try (var rig = new Rig(fleet(), limits);
        var client = new RawClient(rig.port())) {
      client.head("POST", "/api/chat", "content-length: 100000");
      var answer = new java.util.concurrent.atomic.AtomicReference<>("");
      Thread reader = Thread.ofVirtual().start(() -> answer.set(client.untilEnd()));
      Eventually.until(
          "the refusal",
          SOON,
          () -> {
            try {
              client.send("x");
            } catch (java.io.UncheckedIOException _) {
              // It is closed: so it was refused.
            }
            return !reader.isAlive();
          });
      assertThat(answer.get()).startsWith("HTTP/1.1 400").contains("byte by byte");
    }
  }

  @Test
  void a_connection_for_grpc_that_asks_nothing_is_closed() {
    GatewayLimits limits =
        GatewayLimits.DEFAULT.with(
            GatewayLimits.DEFAULT.connections().withIdle(Duration.ofMillis(300)));
    try (var rig = new Rig(fleet(), limits);
        var client = new RawClient(rig.grpcPort())) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      client.untilEnd();
    }
  }

  @Test
  void a_client_that_leaves_its_answer_unread_too_long_loses_it() {
    GatewayLimits limits =
        GatewayLimits.DEFAULT.with(
            GatewayLimits.DEFAULT.answers().withStall(Duration.ofMillis(100)));
    try (var rig = new Rig(fleet(), limits);
        var client = new RawClient(rig.port())) {
      FakeEngine engine = rig.engine("eve/ollama");
      engine.script(play -> play.sayForEver("x".repeat(4_000)));
      client.post("/v1/chat/completions", STREAM);
      Eventually.until(
          "the cancel", SOON, () -> !engine.plays.isEmpty() && engine.plays.getFirst().cancelled);
      assertThat(client.untilEnd()).doesNotContain("[DONE]").doesNotContain("\r\n0\r\n\r\n");
    }
  }

  @Test
  void an_idle_connection_is_closed_and_one_with_a_slow_answer_is_not() {
    GatewayLimits limits =
        GatewayLimits.DEFAULT.with(
            GatewayLimits.DEFAULT.connections().withIdle(Duration.ofMillis(150)));
    try (var rig = new Rig(fleet(), limits);
        var working = new RawClient(rig.port());
        var idle = new RawClient(rig.port())) {
      working.post("/v1/chat/completions", STREAM);
      idle.head("GET", "/health");
      idle.until("ok");
      assertThat(idle.untilEnd()).contains("200");
      FakeEngine.Play play = rig.engine("eve/ollama").plays.getFirst();
      play.sayNow("late");
      play.finishNow();
      working.until("[DONE]");
    }
  }

  @Test
  void a_silent_event_stream_says_that_it_is_still_there() {
    try (var rig =
            new Rig(
                FleetView.EMPTY,
                GatewayLimits.DEFAULT.with(
                    GatewayLimits.DEFAULT
                        .answers()
                        .withSilences(LONG, LONG, Duration.ofMillis(30))));
        var client = new RawClient(rig.port())) {
      client.head("GET", "/mesh/v1/events");
      String said = client.until("still here");
      while (said.indexOf("still here") == said.lastIndexOf("still here")) {
        client.readMore();
        said = client.until("still here");
      }
    }
  }

  @Test
  void one_watcher_too_many_is_told_to_come_back() {
    try (var rig = new Rig(FleetView.EMPTY)) {
      rig.onOwner(() -> {
        var all = new ArrayList<EventFeed.Subscription>();
        for (int i = 0; i < EventFeed.MAX_SUBSCRIBERS; i++) {
          all.add(rig.feed.subscribe(rig.feed.lastId(), _ -> true).orElseThrow());
        }
        return all.size();
      });
      assertThat(rig.get("/mesh/v1/events").statusCode()).isEqualTo(503);
    }
  }
}
