package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class OpeningTest {
  private static Opening of(String... messages) {
    var body = new StringBuilder("{\"model\":\"m\",\"messages\":[");
    for (int i = 0; i < messages.length; i++) {
      String role = i == 0 ? "system" : i % 2 == 1 ? "user" : "assistant";
      body.append(i == 0 ? "" : ",")
          .append("{\"role\":\"")
          .append(role)
          .append("\",\"content\":\"")
          .append(messages[i])
          .append("\"}");
    }
    byte[] bytes = body.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    return Opening.of(OpenAiRequests.chat(bytes).work());
  }

  @Test
  void conversations_are_alike_as_far_as_they_are() {
    Opening first = of("be short", "one", "two", "three");
    Opening second = of("be short", "one", "two", "four");
    assertThat(first.hashes()).hasSize(4);
    assertThat(first.hashes()[2]).isEqualTo(second.hashes()[2]);
    assertThat(first.hashes()[3]).isNotEqualTo(second.hashes()[3]);
    assertThat(of("be long", "one").hashes()[1]).isNotEqualTo(first.hashes()[1]);
  }

  @Test
  void what_is_said_later_changes_no_boundary_before_it() {
    Opening early = of("be short", "one");
    Opening late = of("be short", "one", "two", "three");
    assertThat(late.hashes()).startsWith(early.hashes());
    assertThat(late.upTo()).startsWith(early.upTo());
    assertThat(late.tokens()).isGreaterThan(early.tokens());
  }

  @Test
  void long_texts_differ_by_their_ends_and_lengths() {
    String long1 = "a".repeat(10_000);
    assertThat(of("s", long1).hashes()[1]).isNotEqualTo(of("s", long1 + "a").hashes()[1]);
    assertThat(of("s", long1 + "b").hashes()[1]).isNotEqualTo(of("s", long1 + "c").hashes()[1]);
    assertThat(of("s", long1).tokens()).isBetween(2_400, 2_600);
  }

  @Test
  void a_plain_prompt_is_cut_into_pieces() {
    var body = "{\"model\":\"m\",\"prompt\":\"" + "x".repeat(5_000) + "\"}";
    Opening opening =
        Opening.of(OpenAiRequests.completions(body.getBytes(StandardCharsets.UTF_8)).work());
    assertThat(opening.hashes()).hasSize(2);
    assertThat(opening.upTo()).containsExactly(512, 1024);
    assertThat(opening.tokens()).isEqualTo(1250);
  }
}
