package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static final String SYSTEM = "{\"role\":\"system\",\"content\":\"be brief\"}";
  private static final String FIRST = "{\"role\":\"user\",\"content\":\"hi\"}";
  private static final String ANSWER = "{\"role\":\"assistant\",\"content\":\"hello\"}";
  private static final String SECOND = "{\"role\":\"user\",\"content\":\"and now?\"}";

  private static String name(String model, String... messages) {
    String body = "{\"model\":\"" + model + "\",\"messages\":[" + String.join(",", messages) + "]}";
    return Conversation.nameOf(OpenAiRequests.chat(body.getBytes(StandardCharsets.UTF_8)).work());
  }

  @Test
  @DisplayName("The next turn of a conversation has the name of the first")
  void the_next_turn_has_the_same_name() {
    assertThat(name("m", SYSTEM, FIRST, ANSWER, SECOND))
        .isEqualTo(name("m", SYSTEM, FIRST))
        .matches("c-[0-9a-f]{24}");
  }

  @Test
  void another_model_another_system_or_another_beginning_is_another_conversation() {
    assertThat(name("m", SYSTEM, FIRST))
        .isNotEqualTo(name("n", SYSTEM, FIRST))
        .isNotEqualTo(name("m", FIRST))
        .isNotEqualTo(name("m", SYSTEM, SECOND))
        .isNotEqualTo(name("m", FIRST, SYSTEM));
  }

  @Test
  void texts_are_told_apart_by_their_ends_and_their_length() {
    String middle = "x".repeat(20_000);
    String one = FIRST.replace("hi", middle + "a");
    assertThat(name("m", one))
        .isNotEqualTo(name("m", FIRST.replace("hi", middle + "b")))
        .isNotEqualTo(name("m", FIRST.replace("hi", "x" + middle + "a")));
  }

  @Test
  void what_is_no_conversation_has_no_name() {
    byte[] texts = "{\"model\":\"m\",\"input\":\"hi\"}".getBytes(StandardCharsets.UTF_8);
    assertThat(Conversation.nameOf(OpenAiRequests.embeddings(texts).work())).isEmpty();
    assertThat(name("m", SYSTEM)).isEmpty();
  }
}
