package dev.tutti.e2e;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// What the tests say to a LangChain4j model of any kind.
final class LangChain {
  private static final int PATIENCE_SECONDS = 60;
  private static final int MAX_ROUNDS = 4;

  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("get_weather")
          .description("The weather of a city")
          .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build())
          .build();

  private LangChain() {}

  /// A question without tools.
  static ChatRequest question() {
    return ChatRequest.builder().messages(UserMessage.from("What is the answer?")).build();
  }

  /// A streamed answer: its pieces, and what the library made of the whole.
  record Streamed(List<String> pieces, ChatResponse whole) {
    String text() {
      return String.join("", pieces);
    }
  }

  static Streamed stream(StreamingChatModel model, ChatRequest request) {
    List<String> pieces = new CopyOnWriteArrayList<>();
    var whole = new CompletableFuture<ChatResponse>();
    model.chat(
        request,
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String piece) {
            pieces.add(piece);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            whole.completeExceptionally(error);
          }
        });
    return new Streamed(pieces, whole.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
  }

  /// What a talk with tools came to.
  ///
  /// @param asked each call of a tool as `NAME ARGUMENTS`, without blanks in the arguments
  /// @param answer the text after the last of them
  record Talk(List<String> asked, String answer) {}

  /// Answers every call of the tool until there is a text.
  static Talk weather(Function<ChatRequest, ChatResponse> model) {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(UserMessage.from("How is the weather in Paris?"));
    List<String> asked = new ArrayList<>();
    for (int round = 0; round < MAX_ROUNDS; round++) {
      var reply =
          model
              .apply(ChatRequest.builder().messages(messages).toolSpecifications(WEATHER).build())
              .aiMessage();
      if (!reply.hasToolExecutionRequests()) {
        return new Talk(asked, reply.text());
      }
      messages.add(reply);
      for (ToolExecutionRequest call : reply.toolExecutionRequests()) {
        asked.add(call.name() + " " + call.arguments().replaceAll("\\s", ""));
        messages.add(ToolExecutionResultMessage.from(call, "18 degrees, sunny"));
      }
    }
    throw new AssertionError("tools only, no answer: " + asked);
  }
}
