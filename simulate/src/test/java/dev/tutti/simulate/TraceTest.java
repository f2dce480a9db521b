package dev.tutti.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.dispatch.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TraceTest {
  @Test
  void a_mooncake_trace_tells_which_beginnings_are_shared() throws IOException {
    Trace trace =
        read(
            """
            {"timestamp": 27000, "input_length": 1100, "output_length": 52, "hash_ids": [7, 8, 9]}
            {"timestamp": 30500, "input_length": 1024, "output_length": 0, "hash_ids": [7, 5]}

            {"timestamp": 27000, "input_length": 600, "output_length": 3, "hash_ids": [8, 7], "client": "ann"}
            """);

    assertThat(trace.entries())
        .extracting(Trace.Entry::nanos)
        .containsExactly(0L, 0L, 3_500_000_000L);
    assertThat(trace.entries()).extracting(Trace.Entry::outputTokens).containsExactly(52, 3, 1);
    assertThat(trace.entries()).extracting(Trace.Entry::client).containsExactly("", "ann", "");
    Prompt first = trace.entries().getFirst().prompt();
    Prompt other = trace.entries().get(1).prompt();
    Prompt last = trace.entries().get(2).prompt();
    assertThat(first.tokens()).isEqualTo(1100);
    assertThat(first.boundaries()).isEqualTo(3);
    assertThat(first.tokensTo(0)).isEqualTo(512);
    assertThat(first.tokensTo(2)).isEqualTo(1100);
    assertThat(last.hash(0)).isEqualTo(first.hash(0));
    assertThat(last.hash(1)).isNotEqualTo(first.hash(1));
    // The same block after another one is another beginning.
    assertThat(other.hash(1)).isNotEqualTo(first.hash(0));
  }

  @Test
  void an_azure_trace_tells_times_and_lengths() throws IOException {
    Trace trace =
        read(
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            2023-11-16 18:15:50.9951690,396,109
            """);

    assertThat(trace.entries()).extracting(Trace.Entry::nanos).containsExactly(0L, 4_314_579_000L);
    assertThat(trace.entries()).extracting(e -> e.prompt().tokens()).containsExactly(374, 396);
    assertThat(trace.entries()).extracting(Trace.Entry::outputTokens).containsExactly(44, 109);
  }

  @Test
  void the_later_azure_trace_has_a_zone() throws IOException {
    Trace trace =
        read(
            """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2024-05-10 00:00:00.009930+00:00,2162,5
            2024-05-10 00:00:00.017335+00:00,2399,6
            """);

    assertThat(trace.entries().getLast().nanos()).isEqualTo(7_405_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"timestamp\": 1, \"input_length\": 5}|output_length: missing",
        "{\"timestamp\": -1, \"input_length\": 5, \"output_length\": 1}|timestamp: -1 (expected: ",
        "{\"timestamp\": 1, \"input_length\": 0, \"output_length\": 1}|input_length: 0",
        "{\"timestamp\": 1, \"input_length\": \"5\", \"output_length\": 1}|input_length: \"5\"",
        "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": 7}|hash_ids",
        "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1.5]}|hash_ids[0]: 1.5",
        "{\"timestamp\": 99999999999999999999, \"input_length\": 5}|timestamp: 99999999999999999999",
        "{\"timestamp\": 1, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [99999999999999999999]}|hash_ids[0]: 99999999999999999999",
        "{\"timestamp\": 1|not JSON",
        "hello|not JSON"
      })
  void a_wrong_line_of_a_mooncake_trace_is_named(String line, String why) {
    String good = "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 1}\n\n";

    assertThatThrownBy(() -> read(good + line))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("trace:3: " + why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2023-11-16 18:15:46.68,374|2 fields",
        "2023-11-16 18:15:46.68,-1,4|ContextTokens: -1",
        "2023-11-16 18:15:46.68,1,x|GeneratedTokens: x",
        "yesterday,1,1|TIMESTAMP: yesterday",
        "2363-11-16 18:15:46.68,1,1|TIMESTAMP: 2363",
        "1663-11-16 18:15:46.68,1,1|TIMESTAMP: 1663"
      })
  void a_wrong_line_of_an_azure_trace_is_named(String line, String why) {
    String head = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,374,44\n";

    assertThatThrownBy(() -> read(head + line))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("trace:3: " + why);
  }

  @Test
  void a_trace_without_requests_is_none() {
    assertThatThrownBy(() -> read("\n"))
        .hasMessage("trace: no request (expected: a Mooncake or Azure trace)");
  }

  private static Trace read(String text) throws IOException {
    return Trace.read("trace", new BufferedReader(new StringReader(text)));
  }
}
