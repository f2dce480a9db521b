package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidencyTest {
  @ParameterizedTest
  @CsvSource({
    "0, true",
    "0.0, true",
    "'\"0\"', true",
    "'\"0s\"', true",
    "'\"0h0m0.0s\"', true",
    "'\"-0ms\"', true",
    "-1, false",
    "300, false",
    "'\"5m\"', false",
    "'\"1h0m\"', false",
    "'\"-1m\"', false",
    "'\"\"', false",
    "null, false",
  })
  void only_a_keep_alive_of_zero_unloads(String keepAlive, boolean unload) {
    byte[] body =
        ("{\"model\":\"m\",\"stream\":true,\"keep_alive\":" + keepAlive + "}")
            .getBytes(StandardCharsets.UTF_8);
    for (var request :
        new ClientRequest[] {OllamaRequests.chat(body), OllamaRequests.generate(body)}) {
      assertThat(((Work.Residency) request.work()).unload()).isEqualTo(unload);
      assertThat(request.stream()).isFalse();
    }
  }
}
