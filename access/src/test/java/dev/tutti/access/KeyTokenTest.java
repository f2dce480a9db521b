package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTokenTest {
  private final SplittableRandom random = new SplittableRandom(3);

  @Test
  void a_key_has_the_shape_that_is_promised_and_is_never_the_same() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      KeyToken token = KeyToken.make(random);
      assertThat(token.text()).matches("tutti_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
      assertThat(token.isIntact()).isTrue();
      assertThat(KeyToken.read(token.text())).contains(token);
      assertThat(seen.add(token.text())).isTrue();
    }
  }

  @Test
  void any_one_wrong_character_is_noticed_without_asking_anybody() {
    String text = KeyToken.make(random).text();
    int secret = text.lastIndexOf('_') + 1;
    for (int i = secret; i < text.length(); i++) {
      char other = text.charAt(i) == 'x' ? 'y' : 'x';
      String wrong = text.substring(0, i) + other + text.substring(i + 1);
      assertThat(KeyToken.read(wrong).orElseThrow().isIntact()).as(wrong).isFalse();
    }
  }

  @Test
  void printing_one_tells_nothing() {
    KeyToken token = KeyToken.make(random);
    assertThat(token.toString()).isEqualTo("tutti_" + token.id() + "_***");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tutti_", "tutti__", "tutti__x", "tutti_a", "tutti_a_", "sk-1_2_3"})
  void what_is_no_key_is_not_read(String text) {
    assertThat(KeyToken.read(text)).isEmpty();
  }

  @Test
  void what_is_too_long_is_not_read() {
    assertThat(KeyToken.read("tutti_a_" + "x".repeat(KeyToken.MAX_CHARS))).isEmpty();
  }
}
