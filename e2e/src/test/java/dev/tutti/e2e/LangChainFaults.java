package dev.tutti.e2e;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// What LangChain4j makes of each fault, in its three dialects. It stands beside `faults.mjs`.
final class LangChainFaults {
  private static final int DEADLINE_SECONDS = 20;
  private static final Duration OWN_TIMEOUT = Duration.ofSeconds(60);

  private final String hub;
  private final String expected;

  LangChainFaults(String hub, String expected) {
    this.hub = hub;
    this.expected = expected;
  }

  /// Every model asked in every way at once: way → model → outcome.
  Map<String, Map<String, String>> ask(List<String> models) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Map<String, CompletableFuture<String>>> asked = new LinkedHashMap<>();
      ways()
          .forEach((name, way) -> {
            Map<String, CompletableFuture<String>> row = new LinkedHashMap<>();
            for (String model : models) {
              row.put(model, CompletableFuture.supplyAsync(() -> outcome(way, model), threads));
            }
            asked.put(name, row);
          });
      Map<String, Map<String, String>> seen = new LinkedHashMap<>();
      asked.forEach((name, row) -> {
        Map<String, String> outcomes = new LinkedHashMap<>();
        row.forEach((model, outcome) -> outcomes.put(model, outcome.join()));
        seen.put(name, outcomes);
      });
      return seen;
    }
  }

  private String outcome(Function<ChatRequest, String> way, String model) {
    var request =
        ChatRequest.builder()
            .modelName(model)
            .messages(UserMessage.from(FaultyMesh.question()))
            .build();
    var done = new CompletableFuture<String>();
    Thread.ofVirtual()
        .name("ask-" + model)
        .start(() -> {
          try {
            done.complete(way.apply(request));
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    try {
      String text = done.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      return expected.equals(text) ? "whole" : "ends: " + text;
    } catch (TimeoutException _) {
      return "hangs";
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Throwable inner = cause.getCause();
      boolean wrapped = cause instanceof java.util.concurrent.CompletionException && inner != null;
      Throwable error = wrapped ? inner : cause;
      return "error: " + error.getClass().getSimpleName() + "\t" + error.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Map<String, Function<ChatRequest, String>> ways() {
    Map<String, Function<ChatRequest, String>> ways = new LinkedHashMap<>();
    ways.put("LangChain4j openai", whole(openAi()));
    ways.put("LangChain4j openai, stream", stream(openAiStream()));
    ways.put("LangChain4j ollama", whole(ollama()));
    ways.put("LangChain4j ollama, stream", stream(ollamaStream()));
    ways.put("LangChain4j anthropic", whole(anthropic()));
    ways.put("LangChain4j anthropic, stream", stream(anthropicStream()));
    return ways;
  }

  private static Function<ChatRequest, String> whole(ChatModel model) {
    return request -> model.chat(request).aiMessage().text();
  }

  private static Function<ChatRequest, String> stream(StreamingChatModel model) {
    return request -> LangChain.stream(model, request).text();
  }

  private OpenAiChatModel openAi() {
    return OpenAiChatModel.builder()
        .baseUrl(hub + "/v1")
        .apiKey("none")
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .maxRetries(0)
        .build();
  }

  private OpenAiStreamingChatModel openAiStream() {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(hub + "/v1")
        .apiKey("none")
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .build();
  }

  private OllamaChatModel ollama() {
    return OllamaChatModel.builder()
        .baseUrl(hub)
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .maxRetries(0)
        .build();
  }

  private OllamaStreamingChatModel ollamaStream() {
    return OllamaStreamingChatModel.builder()
        .baseUrl(hub)
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .build();
  }

  private AnthropicChatModel anthropic() {
    return AnthropicChatModel.builder()
        .baseUrl(hub + "/v1")
        .apiKey("none")
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .maxRetries(0)
        .build();
  }

  private AnthropicStreamingChatModel anthropicStream() {
    return AnthropicStreamingChatModel.builder()
        .baseUrl(hub + "/v1")
        .apiKey("none")
        .modelName("unused")
        .timeout(OWN_TIMEOUT)
        .build();
  }
}
