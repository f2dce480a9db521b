package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Health;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private static FleetView fleet() {
    return Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")));
  }

  @Test
  void one_connection_too_many_is_closed_and_the_others_stay() {
    try (var rig =
            new Rig(
                FleetView.EMPTY,
                GatewayLimits.DEFAULT.with(GatewayLimits.DEFAULT.connections().withMax(2)));
        var first = new RawClient(rig.port());
        var second = new RawClient(rig.port())) {
      first.head("GET", "/health");
      first.until("ok");
      second.head("GET", "/health");
      second.until("ok");
      try (var third = new RawClient(rig.port())) {
        assertThat(third.untilEnd()).isEmpty();
      }
      second.head("GET", "/ready");
      second.until("ready");
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
