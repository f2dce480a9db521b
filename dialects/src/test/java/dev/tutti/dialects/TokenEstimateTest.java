package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TokenEstimateTest {
  private static int estimate(String rest) {
    byte[] body = ("{\"model\":\"m\"," + rest + "}").getBytes(StandardCharsets.UTF_8);
    return TokenEstimate.of(((Work.TokenCount) AnthropicRequests.countTokens(body).work()).chat());
  }

  private static String user(String content) {
    return "\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]";
  }

  @Test
  void four_bytes_are_a_token_and_each_message_has_a_frame() {
    assertThat(estimate(user("\"12345678\""))).isEqualTo(4 + 2);
    assertThat(estimate(user("\"123456789\""))).isEqualTo(4 + 3);
    assertThat(estimate(user("\"漢字漢字\""))).isEqualTo(4 + 3);
    assertThat(estimate("\"system\":\"1234\"," + user("\"1234\""))).isEqualTo(2 * 4 + 2);
  }

  @Test
  void tools_and_pictures_count() {
    String tool = "{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}";
    // {"name":"f","parameters":{"type":"object"}}
    assertThat(estimate("\"tools\":[" + tool + "]," + user("\"1234\"")))
        .isEqualTo(4 + 4 + (4 + 43 + 3) / 4);
    String image =
        "{\"type\":\"image\",\"source\":"
            + "{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"iVBORw==\"}}";
    assertThat(estimate(user("[" + image + "]"))).isEqualTo(4 + 1000);
  }
}
