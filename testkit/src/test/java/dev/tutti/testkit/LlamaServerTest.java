package dev.tutti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The chain model in a real engine.
final class LlamaServerTest {
  private static final String TOOLS =
      "'tools':[{'type':'function','function':{'name':'get_weather','parameters':{'type':'object',"
          + "'properties':{'city':{'type':'string'}},'required':['city']}}}]";

  @TempDir private Path folder;

  private static HttpResponse<String> post(LlamaServer server, String path, String json)
      throws IOException, InterruptedException {
    try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var request =
          HttpRequest.newBuilder(URI.create(server.url() + path))
              .timeout(Duration.ofSeconds(60))
              .header("content-type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private LlamaServer start(ChainModel.Pace pace, int slots, String... extra) {
    var binary = LlamaServer.require();
    Path model = folder.resolve(pace + ".gguf");
    ChainModel.write(model, pace);
    return LlamaServer.start(binary, model, slots, extra);
  }

  @Test
  void the_chain_model_chats_calls_tools_completes_and_continues()
      throws IOException, InterruptedException {
    try (LlamaServer server = start(ChainModel.Pace.FAST, 2)) {
      String chat = "'messages':[{'role':'user','content':'Hi'}]";
      assertThat(post(server, "/v1/chat/completions", "{" + chat + "}").body())
          .contains("\"content\":\"" + ChainModel.Pace.FAST.answer() + "\"")
          .contains("\"finish_reason\":\"stop\"");
      String streamed = post(server, "/v1/chat/completions", "{" + chat + ",'stream':true}").body();
      assertThat(streamed).contains("forty-two").endsWith("data: [DONE]\n\n");
      assertThat(post(server, "/v1/chat/completions", "{" + chat + "," + TOOLS + "}").body())
          .contains("\"finish_reason\":\"tool_calls\"")
          .contains("\"name\":\"get_weather\"")
          .contains("Paris");
      String answered =
          "{'messages':[{'role':'user','content':'Weather?'},{'role':'assistant','content':null,"
              + "'tool_calls':[{'id':'x','type':'function','function':{'name':'get_weather',"
              + "'arguments':'{}'}}]},{'role':'tool','tool_call_id':'x','content':'Sunny'}],"
              + TOOLS
              + "}";
      assertThat(post(server, "/v1/chat/completions", answered).body())
          .contains(ChainModel.Pace.FAST.answer().strip());
      assertThat(post(server, "/v1/completions", "{'prompt':'What is it?'}").body())
          .contains(" Mesh node answers: forty-two.");
      String part = " The answer is forty-two. Counting 1 2 3 4 5 6 7 8 9";
      String going =
          "{'messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':'"
              + part
              + "'}],'stream':true,'continue_final_message':true,'add_generation_prompt':false,"
              + "'max_tokens':1}";
      assertThat(post(server, "/v1/chat/completions", going).body())
          .contains("\"content\":\" 10\"");
    }
  }

  @Test
  void the_long_model_counts_to_its_end() throws IOException, InterruptedException {
    try (LlamaServer server = start(ChainModel.Pace.LONG, 1)) {
      String answer =
          post(server, "/v1/completions", "{'prompt':'Counting 1 2 3>','max_tokens':400}").body();
      String counted =
          IntStream.rangeClosed(1, 300)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" "));
      assertThat(answer).contains(" Counting " + counted + " ").contains("\"length\"");
    }
  }

  @Test
  void the_slow_model_needs_a_good_part_of_a_second() throws IOException, InterruptedException {
    try (LlamaServer server = start(ChainModel.Pace.SLOW, 1)) {
      String body =
          post(
                  server,
                  "/v1/chat/completions",
                  "{'messages':[{'role':'user','content':'Please take your time.'}]}")
              .body();
      double prompt = Double.parseDouble(body.replaceAll("(?s).*\"prompt_ms\":([0-9.]+).*", "$1"));
      double rest = Double.parseDouble(body.replaceAll("(?s).*\"predicted_ms\":([0-9.]+).*", "$1"));
      assertThat(prompt + rest).isGreaterThan(200);
      assertThat(body).contains(ChainModel.Pace.SLOW.answer());
    }
  }

  @Test
  void it_embeds_when_told_to() throws IOException, InterruptedException {
    try (LlamaServer server = start(ChainModel.Pace.FAST, 1, "--embeddings", "--pooling", "mean")) {
      var response = post(server, "/v1/embeddings", "{'input':'hello'}");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).contains("\"embedding\":[");
    }
  }

  @Test
  void a_killed_server_is_gone_and_comes_back_at_the_same_port() {
    try (LlamaServer server = start(ChainModel.Pace.FAST, 1)) {
      long first = server.pid();
      String url = server.url();
      server.kill9();
      assertThat(server.isAlive()).isFalse();
      assertThat(ProcessHandle.of(first).map(ProcessHandle::isAlive).orElse(false)).isFalse();
      assertThatThrownBy(() -> post(server, "/health", "{}")).isInstanceOf(IOException.class);
      server.restartOnSamePort();
      assertThat(server.url()).isEqualTo(url);
      assertThat(server.pid()).isNotEqualTo(first);
      assertThat(server.isAlive()).isTrue();
    }
  }

  @Test
  void a_model_that_is_none_fails_with_the_servers_own_words() {
    var binary = LlamaServer.require();
    assertThatThrownBy(() -> LlamaServer.start(binary, folder.resolve("none.gguf"), 1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("none.gguf");
  }

  @Test
  void a_named_engine_that_does_not_run_is_missing_with_a_reason() {
    var found = new LlamaServerSource(Map.of(), folder.resolve("nothing").toString()).find();
    assertThat(found.binary()).isEmpty();
    assertThat(found.reason()).contains("nothing does not run");
  }

  @Test
  void the_mirror_is_the_machines_own_main_archive() {
    String stanzas =
        """
        Types: deb
        URIs: http://mirror.invalid/debian-security
        Suites: s-security

        # one
        Types: deb
        URIs: http://mirror.invalid/debian/ x
        Suites: bookworm
        """;
    assertThat(LlamaServerSource.fromStanzas(stanzas)).contains("http://mirror.invalid/debian/");
    String lines =
        """
        # deb http://no.invalid/debian s main
        deb [arch=amd64] http://yes.invalid/debian bookworm main
        """;
    assertThat(LlamaServerSource.fromLines(lines)).contains("http://yes.invalid/debian");
    assertThat(LlamaServerSource.fromLines("deb http://x.invalid/ubuntu jammy main\n")).isEmpty();
  }
}
