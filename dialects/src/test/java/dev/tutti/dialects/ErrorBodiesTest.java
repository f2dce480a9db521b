package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ErrorBodiesTest {
  @Test
  @DisplayName("T9 an error is an object with message, type, param and code")
  void each_failure_has_its_status_and_body_in_each_dialect() {
    var out = new StringBuilder();
    for (FailureCode code : FailureCode.values()) {
      for (Dialect dialect : Dialect.values()) {
        var answer =
            ErrorBodies.of(dialect, Failure.of(code, Retry.SAFE_NOT_STARTED, "the \"reason\""));
        out.append(code).append(' ').append(dialect).append(' ').append(answer.status());
        out.append(' ').append(Answers.text(answer.body())).append('\n');
      }
    }
    Golden.check("errors", "all.txt", out.toString());
  }

  @Test
  void a_model_nobody_has_is_told_in_each_dialects_words() {
    var failure = RequestModel.notFound("qwen3:8b");
    assertThat(Answers.text(ErrorBodies.of(Dialect.OPENAI, failure).body()))
        .isEqualTo(
            """
            {"error":{"message":"model 'qwen3:8b' not found","type":"invalid_request_error",\
            "param":null,"code":"model_not_found"}}\
            """);
    assertThat(Answers.text(ErrorBodies.of(Dialect.OLLAMA, failure).body()))
        .isEqualTo("{\"error\":\"model 'qwen3:8b' not found\"}");
    assertThat(ErrorBodies.of(Dialect.OLLAMA, failure).status()).isEqualTo(404);
  }

  @Test
  void clients_are_told_when_to_come_back_and_when_not_to() {
    var busy = Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "full");
    assertThat(ErrorBodies.of(Dialect.OPENAI, busy.retryAfter(Duration.ofMillis(1200))).headers())
        .containsEntry("retry-after", "2")
        .doesNotContainKey("x-should-retry");
    assertThat(ErrorBodies.of(Dialect.OPENAI, busy.retryAfter(Duration.ofNanos(1))).headers())
        .containsEntry("retry-after", "1");
    assertThat(ErrorBodies.of(Dialect.OPENAI, busy).headers()).doesNotContainKey("retry-after");
    assertThat(ErrorBodies.of(Dialect.OLLAMA, Failure.invalid("x")).headers())
        .containsEntry("x-should-retry", "false")
        .containsEntry("content-type", "application/json");
    var unsupported = Failure.of(FailureCode.UNSUPPORTED, Retry.SAFE_NOT_STARTED, "x");
    assertThat(ErrorBodies.of(Dialect.OPENAI, unsupported).headers())
        .containsEntry("x-should-retry", "false");
  }
}
