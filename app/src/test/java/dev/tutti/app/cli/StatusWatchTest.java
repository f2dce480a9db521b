package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Looking again and again.
final class StatusWatchTest {

  @Test
  void watching_goes_on_while_the_hub_is_away_and_ends_with_an_interrupt() throws Exception {
    try (var hub = RecordedHub.complete()) {
      var looks = new AtomicInteger();
      var third = new CountDownLatch(3);
      hub.answer(
          "GET /mesh/v1/status",
          exchange -> {
            boolean away = looks.incrementAndGet() == 2;
            RecordedHub.send(
                exchange,
                away ? 503 : 200,
                "application/json",
                away ? "{\"error\":{\"message\":\"away\"}}" : status());
            third.countDown();
          });
      var run = new CommandRun().with("TUTTI_URL", hub.url());
      var watching = Thread.ofPlatform().start(() -> run.run("status", "--json", "--watch", "1"));

      assertThat(third.await(20, TimeUnit.SECONDS)).isTrue();
      watching.interrupt();

      assertThat(watching.join(java.time.Duration.ofSeconds(20))).isTrue();
      assertThat(run.err()).contains("away");
      assertThat(run.out().lines().findFirst().orElseThrow())
          .startsWith("{\"version\"")
          .endsWith("}");
    }
  }

  private static String status() throws IOException {
    return Golden.resource("recorded/status.json");
  }
}
