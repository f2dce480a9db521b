package dev.tutti.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void requests_are_counted_by_dialect_and_outcome() {
    metrics.requestEnded("openai", RequestOutcome.DONE, Duration.ofMillis(20));
    metrics.requestEnded("openai", RequestOutcome.DONE, Duration.ofMillis(20));
    metrics.requestEnded("ollama", RequestOutcome.BROKEN, Duration.ofMillis(20));

    assertThat(metrics.scrape(Levels.NONE))
        .contains("tutti_requests_total{dialect=\"openai\",outcome=\"done\"} 2.0")
        .contains("tutti_requests_total{dialect=\"ollama\",outcome=\"broken\"} 1.0")
        .contains("tutti_request_duration_seconds_count{dialect=\"openai\"} 2");
  }

  @Test
  void times_and_tokens_are_measured() {
    metrics.assigned(Duration.ofMillis(3));
    metrics.firstToken(Duration.ofMillis(120));
    metrics.tokens(7, 11);

    assertThat(metrics.scrape(Levels.NONE))
        .contains("tutti_queue_wait_seconds_count 1")
        .contains("tutti_first_token_seconds_bucket{le=\"0.25\"} 1")
        .contains("tutti_first_token_seconds_bucket{le=\"0.1\"} 0")
        .contains("tutti_tokens_total{direction=\"prompt\"} 7.0")
        .contains("tutti_tokens_total{direction=\"output\"} 11.0");
  }

  @Test
  void levels_are_those_of_the_scrape_and_a_gone_backend_goes() {
    var levels = new Levels(4, Map.of("bob/ollama", 1, "eve/vllm", 3), 1, 2, 2, 3, 5, 6, 7);
    assertThat(metrics.scrape(levels))
        .contains("tutti_queue_length 4.0")
        .contains("tutti_nodes_up 1.0")
        .contains("tutti_backends_known 3.0")
        .contains("tutti_feed_subscribers 5.0")
        .contains("tutti_attempts_active{backend=\"eve/vllm\"} 3.0");

    assertThat(metrics.scrape(Levels.NONE))
        .contains("tutti_queue_length 0.0")
        .doesNotContain("eve/vllm");
  }

  @Test
  void backends_beyond_the_limit_share_a_label() {
    var active = new HashMap<String, Integer>();
    for (int i = 0; i < Metrics.MAX_BACKEND_LABELS; i++) {
      metrics.attemptEnded("b" + i, Metrics.AttemptOutcome.DONE);
    }
    active.put("late-1", 2);
    active.put("late-2", 3);
    metrics.attemptEnded("late-1", Metrics.AttemptOutcome.FAILED);

    assertThat(metrics.scrape(new Levels(0, active, 0, 0, 0, 0, 0, 0, 0)))
        .contains("tutti_attempts_active{backend=\"other\"} 5.0")
        .contains("tutti_attempts_total{backend=\"other\",outcome=\"failed\"} 1.0")
        .doesNotContain("late-");
  }
}
