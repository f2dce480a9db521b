package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The vendors' own SDKs for Java, told to check every answer against their types: fields that are
/// missing, of a wrong type, or of a value nobody knows.
class JavaSdksTest {
  private static final Duration STARTING = Duration.ofSeconds(60);
  private static final String CHAT = "sim/words";
  private static final String EMBEDDING = "sim/vectors";

  private static PacedProcess engine;
  private static TuttiProcess hub;
  private static OpenAIClient openai;
  private static AnthropicClient anthropic;

  @BeforeAll
  static void start() {
    engine =
        PacedProcess.start(
            "--models",
            CHAT + ":think," + EMBEDDING + ":embed",
            "--answer",
            "12",
            "--decode",
            "2000",
            "--load",
            "1");
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover", "--backend", engine.url());
    try (var api = new HubApi(hub.url())) {
      Eventually.until(
          "the engine is up",
          STARTING,
          () -> api.modelsUp().containsAll(Set.of("direct " + CHAT, "direct " + EMBEDDING)));
    }
    openai =
        OpenAIOkHttpClient.builder()
            .baseUrl(hub.url() + "/v1")
            .apiKey("none")
            .responseValidation(true)
            .maxRetries(0)
            .build();
    anthropic =
        AnthropicOkHttpClient.builder()
            .baseUrl(hub.url())
            .apiKey("none")
            .responseValidation(true)
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void stop() {
    if (openai != null) {
      openai.close();
    }
    if (anthropic != null) {
      anthropic.close();
    }
    if (hub != null) {
      hub.close();
    }
    if (engine != null) {
      engine.close();
    }
  }

  @Test
  void chats_fit_openais_types() {
    var params =
        ChatCompletionCreateParams.builder().model(CHAT).addUserMessage("Who are you?").build();
    var whole = openai.chat().completions().create(params);
    assertThat(whole.choices().getFirst().message().content().orElseThrow()).isNotBlank();
    var text = new StringBuilder();
    try (var stream = openai.chat().completions().createStreaming(params)) {
      stream.stream()
          .forEach(chunk ->
              chunk.choices().forEach(each -> each.delta().content().ifPresent(text::append)));
    }
    assertThat(text.toString()).isNotBlank();
  }

  @Test
  void responses_fit_openais_types() {
    var params = ResponseCreateParams.builder().model(CHAT).input("Who are you?").build();
    var whole = openai.responses().create(params);
    assertThat(whole.output()).isNotEmpty();
    List<String> kinds = new ArrayList<>();
    try (var stream = openai.responses().createStreaming(params)) {
      stream.stream()
          .forEach(event -> {
            if (event.isCompleted()) {
              kinds.add("completed");
            } else if (event.isOutputTextDelta()) {
              kinds.add("text");
            }
          });
    }
    assertThat(kinds).contains("text").endsWith("completed");
  }

  @Test
  void vectors_completions_and_lists_fit_openais_types() {
    var vectors =
        openai
            .embeddings()
            .create(EmbeddingCreateParams.builder().model(EMBEDDING).input("one").build());
    assertThat(vectors.data().getFirst().embedding()).isNotEmpty();
    var completion =
        openai
            .completions()
            .create(CompletionCreateParams.builder().model(CHAT).prompt("one two").build());
    assertThat(completion.choices().getFirst().text()).isNotBlank();
    assertThat(openai.models().list().data()).extracting(model -> model.id()).contains(CHAT);
  }

  @Test
  void messages_fit_anthropics_types() {
    var params =
        MessageCreateParams.builder()
            .model(CHAT)
            .maxTokens(2048)
            .enabledThinking(1024)
            .addUserMessage("Who are you?")
            .build();
    var whole = anthropic.messages().create(params);
    assertThat(whole.content()).anyMatch(block -> block.isText()).anyMatch(b -> b.isThinking());
    var events = new ArrayList<String>();
    try (var stream = anthropic.messages().createStreaming(params)) {
      stream.stream().forEach(event -> events.add(event.isMessageStop() ? "stop" : "event"));
    }
    assertThat(events).hasSizeGreaterThan(3).endsWith("stop");
    var count =
        anthropic
            .messages()
            .countTokens(
                MessageCountTokensParams.builder()
                    .model(CHAT)
                    .addUserMessage("Who are you?")
                    .build());
    assertThat(count.inputTokens()).isPositive();
    assertThat(anthropic.models().list().data()).extracting(model -> model.id()).contains(CHAT);
  }
}
