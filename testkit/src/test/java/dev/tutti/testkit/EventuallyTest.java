package dev.tutti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class EventuallyTest {
  @Test
  void returns_once_the_condition_holds_also_when_it_threw_before() {
    var calls = new AtomicInteger();
    Eventually.until(
        Duration.ofSeconds(10),
        () -> {
          if (calls.incrementAndGet() < 3) {
            throw new IllegalStateException("not yet");
          }
          return calls.get() == 5;
        });
    assertThat(calls).hasValue(5);
  }

  @Test
  void names_what_did_not_happen_and_the_last_error() {
    assertThatThrownBy(() ->
            Eventually.until(
                "the moon",
                Duration.ofMillis(5),
                () -> {
                  throw new IllegalStateException("dark");
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("the moon did not come about within PT0.005S")
        .hasRootCauseMessage("dark");
  }
}
