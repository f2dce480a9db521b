package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobsTest {
  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "llama3*, llama3.2:3b, true",
    "llama3*, llama2, false",
    "*:3b, llama3.2:3b, true",
    "*:3b, llama3.2:3bx, false",
    "q?en, qwen, true",
    "q?en, qwwen, false",
    "*a*b*c, xxaxxbxxc, true",
    "*a*b*c, xxaxxbxx, false",
    "a, a, true",
    "a, A, false",
    "'', '', true",
  })
  void a_pattern_means_what_everybody_expects(String pattern, String name, boolean fits) {
    Globs globs = pattern.isEmpty() ? Globs.ALL : new Globs(List.of(pattern));
    assertThat(globs.match(name)).isEqualTo(fits);
  }

  @Test
  void no_pattern_takes_for_ever() {
    var globs = new Globs(List.of("a*".repeat(Globs.MAX_CHARS / 2 - 1) + "b"));
    assertThat(globs.match("a".repeat(5_000))).isFalse();
  }

  @Test
  void there_is_a_bound() {
    assertThatThrownBy(() -> new Globs(Collections.nCopies(Globs.MAX_PATTERNS + 1, "a")))
        .hasMessageContaining("expected: <= 32");
    assertThatThrownBy(() -> new Globs(List.of(" "))).hasMessageContaining("models:");
  }
}
